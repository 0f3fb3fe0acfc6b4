"""Every scenario, in the order of the ladder."""
from scenarios import SCEN
import scenarios_dns  # noqa: F401  (each of these adds to SCEN)
import scenarios_connect  # noqa: F401
import scenarios_tls  # noqa: F401
import scenarios_interrupt  # noqa: F401
import scenarios_proxy  # noqa: F401
import scenarios_healthy  # noqa: F401
import scenarios_mixed  # noqa: F401
import scenarios_none  # noqa: F401
