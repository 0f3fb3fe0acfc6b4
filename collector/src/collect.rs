//! A run, from the plan to the bundle, on one screen.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Local, SecondsFormat, Utc};
use tetra_bundle::{StepRecord, StepStatus, Times};

use crate::args::Collect;
use crate::guide::{self, Consent};
use crate::plan::Plan;
use crate::staging::{self, Order, Staging};
use crate::step::{self, Step};
use crate::steps::Tried;
use crate::system::{self, Install, Places, System};
use crate::words::{Lang, Text, status, told};
use crate::{ALL_DONE, NO_BUNDLE, World, finish, restore, watch};

/// A run that has begun.
pub struct Run {
    /// Where it gathers what it finds.
    pub staging: Arc<Staging>,
    /// What it was asked for.
    pub order: Order,
    /// When it began, by a clock that nobody sets.
    pub begun: Instant,
    /// What became of its steps.
    pub steps: Vec<StepRecord>,
    /// What the tests of the network came to.
    pub tried: Arc<Tried>,
    /// The language it speaks.
    pub lang: Lang,
    /// How many steps it is planned to have.
    pub total: usize,
    /// A person watches: what went well is told in short.
    pub brief: bool,
}

/// Collects a bundle.
pub fn collect(args: &Collect, world: &World, out: &mut impl Write, err: &mut impl Write) -> io::Result<u8> {
    let lang = Lang::chosen(args.lang);
    let system = Arc::new(endpoint(args.place.system(), world));
    let install = system.install();
    let plan = Plan::new(args, &system, install.as_ref(), world.clock);
    let output = output(args, (world.clock)());
    if args.dry_run {
        return dry_run(&plan, &output, lang, out);
    }
    let mut args = args.clone();
    if args.guided {
        match guide::consent(&plan, &output, &args, lang, world, err)? {
            Some(consent) => args.force_update = consent == Consent::Force,
            None => return Ok(NO_BUNDLE),
        }
    }
    let args = &args;
    let order = Order { output, redact: args.redact, encrypt_to: args.encrypt_to.clone() };
    let Some(_lock) = restore::alone(&system, lang, err)? else { return Ok(NO_BUNDLE) };
    let (staging, order) = match stage(args, order, world.clock) {
        Ok(staged) => staged,
        Err((order, fault)) => return refuse(&order, &fault, lang, err),
    };
    writeln!(err, "{}", lang.say(Text::Begins, &[&order.output.display()]))?;
    let total = plan.total(args);
    let mut run = Run {
        staging: Arc::new(staging),
        order,
        begun: Instant::now(),
        steps: Vec::new(),
        tried: Arc::clone(&plan.tried),
        lang,
        total,
        brief: args.guided,
    };
    describe(&run, &system, install.as_ref(), world)?;
    warn(&system, install.as_ref(), lang, err)?;

    restore::leftovers(&system, install.as_ref(), args.place.patience, lang, err)?;

    let Plan { start, watch, end, .. } = plan;
    for step in start {
        run.step(step, args, world, err)?;
    }
    // What the collector tries itself goes before: the capture shows the connector's own attempts alone.
    if let Some(planned) = watch {
        planned.session.send_out();
        for step in planned.begin {
            run.step(step, args, world, err)?;
        }
        system::step_back();
        // A computer that nobody touches would sleep through the attempt.
        let awake = system::Awake::keep();
        let lacks = watch::watch(&mut run, &planned.session, args, world, err)?;
        for step in planned.put_back {
            run.step(step, args, &watch::calm(world), err)?;
        }
        drop(awake);
        watch::sufficiency(&mut run, &planned.session, lacks, world, err)?;
        planned.session.call_back();
    }
    for step in end {
        run.step(step, args, world, err)?;
    }
    finish::finish(run, world, out, err)
}

impl Run {
    /// Does one step, and notes what became of it; none is begun once the run is to end.
    pub fn step(
        &mut self,
        step: Step,
        args: &Collect,
        world: &World,
        err: &mut impl Write,
    ) -> io::Result<()> {
        let name = step.name.clone();
        let record = if world.interrupt.asked() {
            let reason = Some("the run was interrupted before it".to_owned());
            StepRecord { name, status: StepStatus::Skipped, reason, ms: None }
        } else {
            // A state that cannot be written must not end the run: the steps are held in memory too.
            let _ = self.staging.begun(&name);
            self.staging.log().note("step begun", &[("step", name.as_str().into())]);
            let time = step.time.mul_f64(args.place.patience.clamp(0.001, 100.0));
            step::run(Step { time, ..step }, &self.staging, &world.interrupt)
        };
        self.record(record, err)
    }

    /// Notes what became of a step.
    pub fn record(&mut self, record: StepRecord, err: &mut impl Write) -> io::Result<()> {
        let _ = self.staging.step(&record);
        self.steps.push(record.clone());
        self.staging.log().note(
            "step ended",
            &[
                ("step", record.name.as_str().into()),
                ("status", format!("{:?}", record.status).to_lowercase().into()),
                ("reason", record.reason.as_deref().into()),
            ],
        );
        let what = self.lang.pick(status(record.status));
        let brief = self.brief && matches!(record.status, StepStatus::Done | StepStatus::Skipped);
        let reason = record.reason.as_ref().filter(|_| !brief);
        let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
        let number = self.steps.len();
        writeln!(
            err,
            "{}",
            self.lang.say(Text::StepEnded, &[&number, &self.total, &record.name, &what, &reason])
        )
    }
}

/// Makes the staging folder: where the user asked for the bundle, else at the next best place.
fn stage(
    args: &Collect,
    order: Order,
    clock: fn() -> DateTime<Utc>,
) -> Result<(Staging, Order), (Order, io::Error)> {
    if order.output.symlink_metadata().is_ok() || finish::sealed_name(&order.output).exists() {
        let fault =
            io::Error::new(io::ErrorKind::AlreadyExists, "it is there already, and older bundles are kept");
        return Err((order, fault));
    }
    let fault = match Staging::create(staging::folder_for(&order.output), &order, clock) {
        Ok(staging) => return Ok((staging, order)),
        Err(fault) => fault,
    };
    if args.output.is_some() {
        return Err((order, fault));
    }
    let next = Order { output: next_best(&order.output), ..order.clone() };
    match Staging::create(staging::folder_for(&next.output), &next, clock) {
        Ok(staging) => Ok((staging, next)),
        Err(_) => Err((order, fault)),
    }
}

/// Names the next best place for a bundle: the system's folder for what may be written by everybody.
fn next_best(output: &Path) -> PathBuf {
    std::env::temp_dir().join(output.file_name().unwrap_or_default())
}

/// Says why a run cannot begin, and what to do.
fn refuse(order: &Order, fault: &io::Error, lang: Lang, err: &mut impl Write) -> io::Result<u8> {
    let folder = staging::folder_for(&order.output);
    let why = told(&fault.to_string(), lang);
    writeln!(err, "{}", lang.say(Text::Fault, &[&format_args!("{}: {why}", order.output.display())]))?;
    if folder.is_dir() {
        writeln!(err, "{}", lang.say(Text::Kept, &[&folder.display(), &folder.display()]))?;
    } else {
        writeln!(err, "{}", lang.say(Text::Elsewhere, &[&next_best(&order.output).display()]))?;
    }
    writeln!(err, "{}", lang.say(Text::NoBundle, &[]))?;
    Ok(NO_BUNDLE)
}

/// Notes what the endpoint is, and by which clock it lives.
fn describe(run: &Run, system: &System, install: Option<&Install>, world: &World) -> io::Result<()> {
    let mut host = system.host(install.map_or_else(|| run.staging.folder(), |install| &install.folder));
    host.connector_version = install.and_then(|install| install.version.clone());
    host.connector_folder = install.map(|install| install.folder.display().to_string());
    run.staging.host(&host)?;
    run.staging.times(&Times {
        start: Some((world.clock)()),
        utc_offset_minutes: Some(Local::now().offset().local_minus_utc() / 60),
        zone: iana_time_zone::get_timezone().ok(),
        ..Times::default()
    })
}

/// Says at once what will be missing.
fn warn(system: &System, install: Option<&Install>, lang: Lang, err: &mut impl Write) -> io::Result<()> {
    if install.is_none() {
        writeln!(err, "{}", lang.say(Text::NoConnector, &[]))?;
    }
    if !system.is_elevated() {
        writeln!(err, "{}", lang.say(Text::NotElevated, &[]))?;
    }
    Ok(())
}

/// Prints what a run would read and run.
fn dry_run(plan: &Plan, output: &Path, lang: Lang, out: &mut impl Write) -> io::Result<u8> {
    writeln!(out, "{}", lang.say(Text::DryRun, &[]))?;
    for step in plan.steps().filter(|step| !step.does.is_empty()) {
        writeln!(out, "{}", lang.say(Text::DryRunStep, &[&step.name, &step.time.as_secs()]))?;
        for line in &step.does {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out, "{}", lang.say(Text::DryRunOutput, &[&output.display()]))?;
    Ok(ALL_DONE)
}

/// Returns the machine that is meant.
pub fn endpoint(places: Places, world: &World) -> System {
    match &world.system {
        Some(recorded) => System::Recorded(Box::new(recorded.clone())),
        None => System::Native(places),
    }
}

/// Names the bundle: as asked for, or by the time.
fn output(args: &Collect, now: DateTime<Utc>) -> PathBuf {
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, true).replace(['-', ':'], "");
    let name = format!("tetra-{time}.zip");
    let path = match &args.output {
        None => system::output_folder().join(name),
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file.clone(),
    };
    std::path::absolute(&path).unwrap_or(path)
}
