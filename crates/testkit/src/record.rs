use crate::time::LogTime;

/// How loudly a record is logged; each dialect has its own words and numbers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Everything.
    Trivia,
    /// Chatter.
    Verbose,
    /// The usual.
    Info,
    /// Worth a look.
    Notice,
    /// Odd.
    Warning,
    /// Wrong.
    Error,
    /// The program is about to die.
    Panic,
    /// The record of a setting, which `vmware.log` marks as its own level.
    Audit,
}

/// One log entry before it takes the form of a dialect.
///
/// `component` is the thread in `vmware.log` and the subsystem (`sub=`)
/// elsewhere; `thread_id` is what the Vmacore programs print in brackets after
/// their name. A part that a dialect has no place for is left out by it.
///
/// # Examples
///
/// ```
/// use esxray_testkit::{Level, LogRecord, LogTime};
///
/// let record = LogRecord::new(LogTime::civil(2024, 3, 12, 9, 0, 0), "Default", "Caught exception\nat once")
///     .level(Level::Error)
///     .op_id("51c7-9a");
/// assert_eq!(record.message, "Caught exception");
/// assert_eq!(record.more, ["at once"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// When.
    pub time: LogTime,
    /// How loudly.
    pub level: Level,
    /// Thread (`vmware.log`) or subsystem.
    pub component: String,
    /// Number of the thread.
    pub thread_id: u64,
    /// Operation id.
    pub op_id: Option<String>,
    /// User on whose behalf.
    pub user: Option<String>,
    /// The text of the first line.
    pub message: String,
    /// The continuation lines, without any mark.
    pub more: Vec<String>,
}

impl LogRecord {
    /// A record at level info; each `\n` in `text` begins a continuation line.
    pub fn new(time: LogTime, component: impl Into<String>, text: impl AsRef<str>) -> Self {
        let mut lines = text.as_ref().split('\n').map(str::to_owned);
        Self {
            time,
            level: Level::Info,
            component: component.into(),
            thread_id: 2_099_154,
            op_id: None,
            user: None,
            message: lines.next().unwrap_or_default(),
            more: lines.collect(),
        }
    }

    /// The same at another level.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The same from another thread.
    #[must_use]
    pub fn thread_id(mut self, thread_id: u64) -> Self {
        self.thread_id = thread_id;
        self
    }

    /// The same within an operation.
    #[must_use]
    pub fn op_id(mut self, op_id: impl Into<String>) -> Self {
        self.op_id = Some(op_id.into());
        self
    }

    /// The same on a user's behalf.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }
}
