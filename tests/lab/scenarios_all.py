"""Every scenario, in the order of the ladder."""
from scenarios import SCEN
import scenarios_dns  # noqa: F401  (each of these adds to SCEN)
import scenarios_connect  # noqa: F401
import scenarios_tls  # noqa: F401
