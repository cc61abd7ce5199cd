use std::fmt;

/// Declares an enum whose variants have a fixed word, printed in reports and read from knowledge files.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that reports and knowledge files use.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value behind a word; `None` for an unknown word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How sure a finding is. Computed from evidence, never written in a rule.
    Grade {
        /// Part of the conditions holds.
        Possible = "possible",
        /// The conditions hold, but corroboration or coverage is missing.
        Probable = "probable",
        /// Decisive or independently corroborated, nothing against it, and the logs that could contradict it cover the window.
        Confirmed = "confirmed",
    }
}

words! {
    /// How bad a finding is for the user, quiet to loud.
    Severity {
        /// Worth knowing; also every recovered incident.
        Info = "info",
        /// Will bite later.
        Warning = "warning",
        /// Something does not work.
        Error = "error",
        /// A VM's data or availability is at stake now.
        Critical = "critical",
    }
}

words! {
    /// The part a finding plays in its incident.
    Role {
        /// Explains the others.
        RootCause = "root-cause",
        /// Made it worse, or stands beside the root cause.
        Contributing = "contributing",
        /// Explained by another finding of the incident.
        Consequence = "consequence",
    }
}

words! {
    /// What kind of failure the user met.
    IncidentKind {
        /// A key change of an encrypted VM.
        Rekey = "rekey",
        /// A VM whose keys are not available.
        VmLocked = "vm-locked",
        /// A VM that does not power on.
        PowerOn = "power-on",
        /// A virtual disk or its chain.
        Disk = "disk",
        /// Datastores, paths, arrays.
        Storage = "storage",
        /// An ESXi host.
        Host = "host",
        /// vSphere HA.
        Ha = "ha",
        /// Traces that matter to an investigation.
        Forensic = "forensic",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// The answer of a whole run, in one word.
    Verdict {
        /// A finding of severity error or above is at least probable.
        Failure = "failure",
        /// There are other findings.
        Attention = "attention",
        /// Nothing found in everything that could be read.
        Clean = "clean",
        /// Nothing found, but something could not be read or judged.
        Inconclusive = "inconclusive",
    }
}

words! {
    /// The five steps of re-wrapping one object's key, as VMware support gave them.
    RekeyStep {
        /// Got the new key from the key provider.
        GetNewKey = "get-new-key",
        /// Saved the new key to the key cache.
        SaveNewKey = "save-new-key",
        /// Got the old key from the old key provider.
        GetOldKey = "get-old-key",
        /// Decrypted the object's key with the old key.
        DecryptKdk = "decrypt-kdk",
        /// Encrypted the object's key with the new key.
        EncryptKdk = "encrypt-kdk",
    }
}

words! {
    /// What the input shows of one step.
    StepState {
        /// It succeeded.
        Done = "done",
        /// It failed.
        Failed = "failed",
        /// An earlier step failed, so this one was not reached.
        NotReached = "not-reached",
        /// The input does not show it.
        NotEvidenced = "not-evidenced",
    }
}

words! {
    /// Which key an object is wrapped with after an attempt.
    KeyState {
        /// Still the key from before.
        Old = "old",
        /// The key that the attempt was to bring.
        New = "new",
        /// The input does not show it.
        Unknown = "unknown",
    }
}

words! {
    /// How a re-key attempt ended.
    RekeyOutcome {
        /// Every object that the input shows is on the new key.
        Completed = "completed",
        /// The operation reported a failure, or a step of it did.
        Failed = "failed",
        /// Something cut it short: a reset, a crash, a power loss.
        Interrupted = "interrupted",
        /// It ended with objects on both keys.
        Partial = "partial",
        /// The input does not show the end.
        Unknown = "unknown",
    }
}

words! {
    /// What a statement about a step stands on.
    StepBasis {
        /// Records of the input show it.
        Evidence = "evidence",
        /// The order of the steps forces it: what a later step or its object shows cannot be without it.
        Model = "model",
    }
}

words! {
    /// What cut a re-key short, the most telling first.
    Interruption {
        /// vSphere HA VM Monitoring reset the VM.
        HaReset = "ha-reset",
        /// The kernel of the host failed.
        HostCrash = "host-crash",
        /// The host was started again.
        HostRestart = "host-restart",
        /// vSphere HA or vCenter lost the host.
        HostLost = "host-lost",
        /// hostd, which carries the re-key out, was started again.
        HostdRestart = "hostd-restart",
        /// The process of the VM failed.
        VmCrash = "vm-crash",
        /// The VM was reset.
        Reset = "reset",
        /// The process of the VM ended.
        PowerOff = "power-off",
        /// The VM was migrated meanwhile.
        Migration = "migration",
    }
}
