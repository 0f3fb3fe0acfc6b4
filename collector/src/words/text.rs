//! The texts. `{}` stands for a value; both languages take the same values in the same order.

/// Something the collector says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Where a dry run's list begins.
    DryRun,
    /// The bundle a dry run would write.
    DryRunOutput,
    /// A step of a dry run, with its time limit.
    DryRunStep,
    /// A run begins.
    Begins,
    /// A step ended.
    StepEnded,
    /// The connector was not found.
    NoConnector,
    /// There are no rights of an administrator.
    NotElevated,
    /// The run is interrupted.
    Interrupted,
    /// The bundle is being written.
    Sealing,
    /// The bundle is written.
    Written,
    /// Its root hash.
    RootHash,
    /// Its hash.
    FileHash,
    /// What to do with the hash.
    Quote,
    /// The map of the pseudonyms, and its passphrase.
    Map,
    /// The map could not be written.
    NoMap,
    /// Something is not in the bundle.
    LeftOut,
    /// Something is not in the bundle, in plain words.
    LeftOutPlain,
    /// What was gathered is kept.
    Kept,
    /// Another run is at work.
    Busy,
    NoNotes,
    /// There is nothing to resume.
    NothingToResume,
    /// Another place for the bundle.
    Elsewhere,
    /// What the tests of the network let one guess.
    Guess,
    /// The disk has no room.
    DiskFull,
    /// No bundle was written.
    NoBundle,
    /// Something that a run had changed is put back.
    Restored,
    /// Something that a run had changed is not put back.
    NotRestored,
    /// Nothing is changed any more.
    NothingChanged,
    /// The line that tells how the watch goes.
    Live,
    /// An attempt was seen.
    LiveSeen,
    /// No attempt was seen yet.
    LiveWaiting,
    /// The bundle lacks something.
    Lacks,
    /// No attempt was seen.
    LackAttempt,
    /// The attempt did not end.
    LackEnd,
    /// The interval is not covered.
    LackInterval,
    /// Packets are missing.
    LackCapture,
    /// The ring is full.
    LackRing,
    /// Nobody knows whether the ring is full.
    LackRingUnknown,
    /// The log is silent.
    LackLines,
    /// What to do when nobody is there to choose.
    LackAdvice,
    /// An offer to wait.
    OfferWait,
    /// An offer to force an update.
    OfferForce,
    /// An offer to seal.
    OfferSeal,
    /// The question what to do.
    OfferAsk,
    /// The title of the first screen.
    GuideWhat,
    /// What will be read.
    GuideReads,
    /// Nothing is left out.
    GuideKeepsAll,
    /// Secrets are left out.
    GuideKeepsSecrets,
    /// What is private is left out.
    GuideKeepsPrivate,
    /// A screen is read.
    GuideGoOn,
    /// The title of the second screen.
    GuideHowLong,
    /// How long it takes.
    GuideTime,
    /// An update can be forced.
    GuideForce,
    /// The question whether to force an update.
    GuideForceAsk,
    /// The title of the third screen.
    GuideConsent,
    /// What is changed for the time.
    GuideChanges,
    /// Where the file will be.
    GuideWhere,
    /// The question for consent.
    GuideStart,
    /// The user does not agree.
    GuideDeclined,
    /// The end.
    GuideClose,
    /// Something went wrong.
    Fault,
    /// The question for the passphrase of a map.
    Passphrase,
    /// The bundle is handed over.
    HandedOver,
    /// The bundle is not handed over.
    NotHandedOver,
    /// So much of the bundle is sent.
    Sent,
    /// Sending broke off, and is tried again.
    SentAgain,
    /// A test came to its end.
    Tested,
    /// A test went well.
    TestWell,
    /// A test failed.
    TestFailed,
    /// The clock is off.
    TestClock,
}

impl Text {
    /// All texts.
    pub const ALL: [Self; 70] = [
        Self::DryRun,
        Self::DryRunOutput,
        Self::DryRunStep,
        Self::Begins,
        Self::StepEnded,
        Self::NoConnector,
        Self::NotElevated,
        Self::Interrupted,
        Self::Sealing,
        Self::Written,
        Self::RootHash,
        Self::FileHash,
        Self::Quote,
        Self::Map,
        Self::NoMap,
        Self::LeftOut,
        Self::LeftOutPlain,
        Self::Kept,
        Self::Busy,
        Self::NoNotes,
        Self::NothingToResume,
        Self::Elsewhere,
        Self::Guess,
        Self::DiskFull,
        Self::NoBundle,
        Self::Restored,
        Self::NotRestored,
        Self::NothingChanged,
        Self::Live,
        Self::LiveSeen,
        Self::LiveWaiting,
        Self::Lacks,
        Self::LackAttempt,
        Self::LackEnd,
        Self::LackInterval,
        Self::LackCapture,
        Self::LackRing,
        Self::LackRingUnknown,
        Self::LackLines,
        Self::LackAdvice,
        Self::OfferWait,
        Self::OfferForce,
        Self::OfferSeal,
        Self::OfferAsk,
        Self::GuideWhat,
        Self::GuideReads,
        Self::GuideKeepsAll,
        Self::GuideKeepsSecrets,
        Self::GuideKeepsPrivate,
        Self::GuideGoOn,
        Self::GuideHowLong,
        Self::GuideTime,
        Self::GuideForce,
        Self::GuideForceAsk,
        Self::GuideConsent,
        Self::GuideChanges,
        Self::GuideWhere,
        Self::GuideStart,
        Self::GuideDeclined,
        Self::GuideClose,
        Self::Fault,
        Self::Passphrase,
        Self::HandedOver,
        Self::NotHandedOver,
        Self::Sent,
        Self::SentAgain,
        Self::Tested,
        Self::TestWell,
        Self::TestFailed,
        Self::TestClock,
    ];

    /// Returns the text in English and in Simplified Chinese.
    #[must_use]
    pub fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::DryRun => (
                "This would be read and run, and nothing else:",
                "将会读取和运行以下内容，除此之外不做任何操作：",
            ),
            Self::DryRunOutput => ("The bundle would be {}.", "诊断包将写入 {}。"),
            Self::DryRunStep => ("{} (at most {} s)", "{}（最多 {} 秒）"),
            Self::Begins => ("Collecting into {}.", "正在收集到 {}。"),
            Self::StepEnded => ("[{}/{}] {}: {}{}", "[{}/{}] 步骤 {}：{}{}"),
            Self::NoConnector => (
                "The connector was not found; what the machine itself tells is collected. Use --install DIR if you know its folder.",
                "未找到连接器；仍会收集本机的其他信息。如果知道其文件夹，请使用 --install DIR。",
            ),
            Self::NotElevated => (
                "Without the rights of an administrator some files, the event logs and the debug log may be out of reach.",
                "没有管理员权限时，可能无法读取部分文件、事件日志和调试日志。",
            ),
            Self::Interrupted => (
                "Interrupted. What has been collected so far is being sealed.",
                "已中断。正在封装目前已收集的内容。",
            ),
            Self::Sealing => ("Sealing the bundle.", "正在封装诊断包。"),
            Self::Written => {
                ("The bundle is {} ({} files, {} bytes).", "诊断包为 {}（{} 个文件，{} 字节）。")
            }
            Self::RootHash => ("Its root hash is {}.", "其根哈希为 {}。"),
            Self::FileHash => ("Its SHA-256 is {}.", "其 SHA-256 为 {}。"),
            Self::Quote => (
                "Quote the root hash when you hand the bundle over: it changes if any file in it is changed.",
                "交付诊断包时请注明根哈希：包内任何文件被改动，根哈希都会改变。",
            ),
            Self::Map => (
                "Names and addresses in it are pseudonyms. What they stand for is in {}, which stays with you: do not send it.\nIt opens with `tetra-collect map` and this passphrase, shown only now: {}",
                "其中的名称和地址均为假名。对应关系保存在 {}，由您自己保管：请勿发送。\n可用 `tetra-collect map` 和以下口令打开（仅显示这一次）：{}",
            ),
            Self::NoMap => (
                "What its pseudonyms stand for could not be written to {}: {}",
                "假名对应关系无法写入 {}：{}",
            ),
            Self::LeftOut => ("{}: {}: {}", "{}：步骤 {}：{}"),
            Self::LeftOutPlain => ("Not in it, or not whole: {}: {}.", "未包含或不完整：{}：{}。"),
            Self::Kept => (
                "What was collected is kept in {}. To seal it: tetra-collect resume \"{}\"",
                "已收集的内容保存在 {}。要封装它，请运行：tetra-collect resume \"{}\"",
            ),
            Self::Busy => (
                "Another tetra-collect is at work on this machine; let it finish, or end it first.",
                "本机上另一个 tetra-collect 正在运行；请等它完成，或先将其结束。",
            ),
            Self::NoNotes => (
                "The folder of tetra-collect's own notes on this machine cannot be used: {}",
                "本机上 tetra-collect 自己的记录文件夹无法使用：{}",
            ),
            Self::NothingToResume => ("There is nothing to resume in {}.", "{} 中没有可以继续封装的内容。"),
            Self::Elsewhere => ("Try --output \"{}\".", "请尝试 --output \"{}\"。"),
            Self::Guess => (
                "What the tests from this computer let one guess (the diagnosis is the analyzer's):",
                "根据本机测试的初步推测（最终诊断由分析程序给出）：",
            ),
            Self::DiskFull => ("The disk is full: make room on it first.", "磁盘已满：请先腾出空间。"),
            Self::NoBundle => ("No bundle was written.", "未生成诊断包。"),
            _ => super::guide::both(self),
        }
    }
}
