use super::*;
use crate::staging::Order;

fn record(
    time: u64,
    interrupt: &Interrupt,
    act: impl FnOnce(&Guard) -> Outcome + Send + 'static,
) -> StepRecord {
    let place = tempfile::tempdir().unwrap();
    let staging =
        Arc::new(Staging::create(place.path().join("s"), &Order::default(), chrono::Utc::now).unwrap());
    let time = Duration::from_millis(time);
    let step = Step { name: "x".to_owned(), does: Vec::new(), time, act: Box::new(|guard, _| act(guard)) };
    run(step, &staging, interrupt)
}

#[test]
fn records_what_became_of_a_step() {
    let never = Interrupt::default();
    let done = record(1000, &never, |_| Outcome::noted("so"));
    assert_eq!((done.status, done.reason.as_deref()), (StepStatus::Done, Some("so")));
    let ended = record(50, &never, |guard| Outcome::ended(guard.sleep(Duration::MAX).unwrap(), guard.time()));
    assert_eq!(ended.status, StepStatus::Timeout);
    assert!(ended.ms.unwrap() >= 50);
    let broken = record(1000, &never, |_| Vec::<Outcome>::new().remove(0));
    assert_eq!(broken.status, StepStatus::Failed);
}

#[test]
fn leaves_a_step_behind_that_does_not_listen() {
    let begun = Instant::now();
    let ended = record(30, &Interrupt::default(), |_| {
        thread::sleep(Duration::from_secs(30));
        Outcome::done()
    });
    assert_eq!(ended.status, StepStatus::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn ends_when_the_run_is_interrupted() {
    let interrupt = Interrupt::default();
    let asks = interrupt.clone();
    let ended = record(60_000, &interrupt, move |guard| {
        asks.ask();
        let end = guard.sleep(Duration::from_secs(60));
        end.map_or_else(Outcome::done, |end| Outcome::ended(end, guard.time()))
    });
    assert_eq!(
        (ended.status, ended.reason.as_deref()),
        (StepStatus::Failed, Some("the run was interrupted"))
    );
}
