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
        /// Any other program that writes with the Vmacore logger, such as `attestd`.
        Vmacore = "vmacore",
        /// `hostd-probe.log`, which watches whether `hostd` answers.
        HostdProbe = "hostd-probe",
        /// `rhttpproxy.log`, the reverse proxy in front of `hostd` and `vpxd`.
        Rhttpproxy = "rhttpproxy",
        /// `kmxa.log` and `kmxd.log`, the agents that bring keys to a host.
        Kmxa = "kmxa",
        /// `vmkernel.log`, `vmkwarning.log`, and what a purple screen leaves of them.
        Vmkernel = "vmkernel",
        /// `vmksummary.log`: start, stop and heartbeat of a host.
        Vmksummary = "vmksummary",
        /// `vobd.log`, what the kernel observed.
        Vobd = "vobd",
        /// `shell.log`: what was typed into the ESXi Shell.
        Shell = "shell",
        /// `auth.log`: who logged in.
        Auth = "auth",
        /// Any other daemon in the syslog of a host or an appliance, and a syslog that no program fills by half.
        Syslog = "syslog",
        /// `esxupdate.log`, `lifecycle.log`: updates of a host.
        Esxupdate = "esxupdate",
        /// `vsanmgmt.log`, `clomd.log` and the other daemons of vSAN.
        Vsan = "vsan",
        /// `sps.log`, `vsphere_client_virgo.log`, `ssoAdminServer.log`, `wcpsvc.log`: services of a vCenter Server.
        VcService = "vc-service",
        /// `vmware-vum-server.log`, the update manager of a vCenter Server.
        Vum = "vum",
        /// `vmon.log`, which starts and watches the services of a vCenter Server.
        Vmon = "vmon",
        /// `.vmx`: the configuration of a VM.
        Vmx = "vmx",
        /// `.vmdk`, where it is the text that describes a virtual disk.
        VmdkDescriptor = "vmdk-descriptor",
        /// `.vmsd`: the snapshots of a VM.
        Vmsd = "vmsd",
        /// `vmInventory.xml`: the VMs that are registered on a host.
        VmInventory = "vm-inventory",
        /// The answer of `vim-cmd vmsvc/getallvms`.
        VmList = "vm-list",
        /// `esx.conf`: the configuration of a host.
        EsxConf = "esx-conf",
        /// The answer of a command that tells of a host, such as `vmware -vl`.
        HostCommand = "host-command",
        /// Events of a vCenter Server that a tool exported: PowerCLI, `govc`, the vSphere Client.
        Events = "events",
        /// Stamped lines of no known form.
        Generic = "generic",
        /// Text without stamps, as pasted from a ticket or an article.
        Snippet = "snippet",
        /// Not a log.
        Unknown = "unknown",
    }
}

impl FormatName {
    /// Whether it is no log but a file that is evidence by itself: it has no records that a signature could recognise.
    pub const fn is_file(self) -> bool {
        matches!(
            self,
            Self::Vmx
                | Self::VmdkDescriptor
                | Self::Vmsd
                | Self::VmInventory
                | Self::VmList
                | Self::EsxConf
                | Self::HostCommand
        )
    }
}
