use std::fmt;

use crate::grade::words;

words! {
    /// The log formats that `record` reads, as knowledge files and reports name them.
    FormatName {
        /// `vmware.log` and its generations, `mksSandbox.log`, `vprintproxy.log`.
        VmwareLog = "vmware-log",
        /// `hostd.log`.
        Hostd = "hostd",
        /// `vpxd.log` of a vCenter Server.
        Vpxd = "vpxd",
        /// `vpxa.log`, the vCenter agent on a host.
        Vpxa = "vpxa",
        /// `fdm.log`, the vSphere HA agent.
        Fdm = "fdm",
        /// Any other program that writes with the Vmacore logger: `rhttpproxy`, `hostd-probe`, `kmxa`.
        Vmacore = "vmacore",
        /// Stamped lines of no known form.
        Generic = "generic",
        /// Text without stamps, as pasted from a ticket or an article.
        Snippet = "snippet",
        /// Not a log.
        Unknown = "unknown",
    }
}
