//! What a host says of itself: `esx.conf`, and the answers of commands that a support bundle keeps.

use super::{FileProblem, Found};

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostFileKind {
    /// `etc/vmware/esx.conf`.
    EsxConf,
    /// `vmware -vl`.
    Version,
    /// `uname -a`.
    Uname,
    /// `localcli software profile get`.
    SoftwareProfile,
    /// `localcli system version get`.
    SystemVersion,
    /// `localcli system hostname get`.
    HostName,
    /// `uptime`.
    Uptime,
    /// `localcli system stats uptime get`.
    UptimeStats,
    /// `ntpq -p`.
    NtpPeers,
    /// `localcli vm process list`.
    VmProcesses,
    /// `vmkerrcode -l`.
    ErrorCodes,
}

/// What a host says of itself. A file says some of it; the rest is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFile {
    /// Which file it is.
    pub kind: HostFileKind,
    /// The product, such as `VMware ESXi`.
    pub product: Option<Found<String>>,
    /// Its version, such as `8.0.2`.
    pub version: Option<Found<String>>,
    /// Its build: digits.
    pub build: Option<Found<String>>,
    /// Its release in words, such as `VMware ESXi 8.0 Update 2`, or the name of the image profile.
    pub release: Option<Found<String>>,
    /// Its name.
    pub host_name: Option<Found<String>>,
    /// `/system/uuid`.
    pub system_uuid: Option<Found<String>>,
    /// For how many seconds it has been up.
    pub uptime_seconds: Option<Found<u64>>,
    /// The servers that it takes its time from.
    pub ntp_peers: Vec<NtpPeer>,
    /// Whether its clock follows one of them; `None` where the file does not say.
    pub ntp_synchronised: Option<Found<bool>>,
    /// The VMs that run on it.
    pub running_vms: Vec<RunningVm>,
    /// The errors of its kernel.
    pub error_codes: Vec<ErrorCode>,
    /// What does not fit.
    pub problems: Vec<FileProblem>,
}

/// A server that a host asks for the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NtpPeer {
    /// Its name or address; cut by `ntpq` to 15 or 16 characters.
    pub remote: String,
    /// The mark in front: `*` is the one that the clock follows, `+` would do, `x` and `-` are refused.
    pub mark: char,
    /// How far from a clock it is; 16 is not synchronised.
    pub stratum: Option<u32>,
    /// Which of the last eight polls it answered, as eight bits.
    pub reach: Option<u8>,
    /// By how many milliseconds it differs.
    pub offset_ms: Option<String>,
    /// Its line.
    pub line: u64,
}

/// A VM that runs on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunningVm {
    /// Its display name.
    pub name: String,
    /// Its world.
    pub world_id: Option<Found<u64>>,
    /// Its process; 0 on ESXi.
    pub process_id: Option<Found<u64>>,
    /// The cartel of its VMX: the number that `vmx` logs as its own.
    pub cartel_id: Option<Found<u64>>,
    /// Its BIOS UUID, as written.
    pub uuid: Option<Found<String>>,
    /// The path of its `.vmx`.
    pub config_file: Option<Found<String>>,
    /// The line of its name.
    pub line: u64,
}

/// An error of the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCode {
    /// Its number, such as `0xbad0003`.
    pub number: u32,
    /// Its name, such as `VMK_NOT_FOUND`.
    pub name: String,
    /// Its text, such as `Not found`.
    pub text: String,
    /// Its line.
    pub line: u64,
}

impl HostFile {
    /// A file of a kind that says nothing yet.
    pub fn new(kind: HostFileKind) -> Self {
        Self {
            kind,
            product: None,
            version: None,
            build: None,
            release: None,
            host_name: None,
            system_uuid: None,
            uptime_seconds: None,
            ntp_peers: Vec::new(),
            ntp_synchronised: None,
            running_vms: Vec::new(),
            error_codes: Vec::new(),
            problems: Vec::new(),
        }
    }
}
