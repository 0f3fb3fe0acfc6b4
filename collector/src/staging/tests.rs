use super::*;

#[test]
fn tells_what_a_killed_run_had_done() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("a.collecting");
    let order = Order { output: place.path().join("a.zip"), ..Order::default() };
    let staging = Staging::create(folder.clone(), &order, Utc::now).unwrap();
    assert_eq!(Staging::open(folder.clone(), Utc::now).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    staging.host(&Host { hostname: Some("pc".to_owned()), ..Host::default() }).unwrap();
    staging.begun("one").unwrap();
    staging.step(&StepRecord { name: "one".to_owned(), ..StepRecord::default() }).unwrap();
    staging.begun("two").unwrap();
    let record = FileRecord { path: "connector/local.xml".to_owned(), ..FileRecord::default() };
    staging.put(record, b"<config/>").unwrap();
    staging.state.lock().unwrap().write_all(b"{\"step\":{\"na").unwrap();
    drop(staging);
    assert_eq!(find(place.path()), std::slice::from_ref(&folder));
    let again = Staging::open(folder.clone(), Utc::now).unwrap();
    let gathered = again.gathered().unwrap();
    assert_eq!(gathered.order, order);
    assert_eq!(gathered.manifest.host.hostname.as_deref(), Some("pc"));
    let steps: Vec<_> =
        gathered.manifest.steps.iter().map(|step| (step.name.as_str(), step.status)).collect();
    assert_eq!(steps, [("one", StepStatus::Unknown), ("two", StepStatus::Failed)]);
    assert_eq!(gathered.manifest.files.len(), 1);
}
