//! The services that have to do with updates, and the root certificates: what kept crates ask Windows safely.

use std::io;

use schannel::cert_context::HashAlgorithm;
use schannel::cert_store::CertStore;
use windows_service::service::{ServiceAccess, ServiceStartType, ServiceState};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use super::machine_key;
use crate::system::{Root, Service};

/// Services that updates build on, beside the connector's own.
const NEEDED: [&str; 9] =
    ["BFE", "CryptSvc", "Dhcp", "Dnscache", "iphlpsvc", "mpssvc", "NlaSvc", "W32Time", "WinHttpAutoProxySvc"];

pub(in crate::system) fn services() -> io::Result<Vec<Service>> {
    let manager =
        ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT).map_err(fault)?;
    let names = machine_key(r"SYSTEM\CurrentControlSet\Services")?;
    let mut found = Vec::new();
    for name in names.enum_keys().map_while(Result::ok) {
        let ours = name.to_ascii_lowercase().starts_with("ciscoamp");
        if !ours && !NEEDED.iter().any(|needed| needed.eq_ignore_ascii_case(&name)) {
            continue;
        }
        let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
        // A driver, or a service that was removed: it has no state to tell of.
        let Ok(service) = manager.open_service(&name, access) else { continue };
        let Ok(status) = service.query_status() else { continue };
        let config = service.query_config().ok();
        found.push(Service {
            name,
            display: config.as_ref().map(|config| config.display_name.to_string_lossy().into_owned()),
            state: state(status.current_state).to_owned(),
            start: config.as_ref().map(|config| start(config.start_type).to_owned()),
            path: config.filter(|_| ours).map(|config| config.executable_path.to_string_lossy().into_owned()),
        });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

fn state(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Stopped => "stopped",
        ServiceState::StartPending => "start_pending",
        ServiceState::StopPending => "stop_pending",
        ServiceState::Running => "running",
        ServiceState::ContinuePending => "continue_pending",
        ServiceState::PausePending => "pause_pending",
        ServiceState::Paused => "paused",
    }
}

fn start(kind: ServiceStartType) -> &'static str {
    match kind {
        ServiceStartType::AutoStart => "auto",
        ServiceStartType::OnDemand => "manual",
        ServiceStartType::Disabled => "disabled",
        ServiceStartType::SystemStart => "system",
        ServiceStartType::BootStart => "boot",
    }
}

pub(in crate::system) fn roots() -> io::Result<Vec<Root>> {
    let store = CertStore::open_local_machine("Root")?;
    let thumbprint = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let found = store.certs().filter_map(|root| root.fingerprint(HashAlgorithm::sha1()).ok());
    Ok(found.map(|bytes| Root { store: "Root".to_owned(), thumbprint: thumbprint(bytes) }).collect())
}

fn fault(cause: windows_service::Error) -> io::Error {
    match cause {
        windows_service::Error::Winapi(cause) => cause,
        other => io::Error::other(other.to_string()),
    }
}
