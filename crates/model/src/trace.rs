use std::fmt;

use crate::grade::words;

words! {
    /// What was made of one condition of a cause.
    ConditionState {
        /// The input shows it.
        Met = "met",
        /// The input shows that it is not so, or it would have been seen and was not.
        NotMet = "not-met",
        /// It was not seen, and no log that would show it covers the time.
        NotEvaluable = "not-evaluable",
    }
}

words! {
    /// What a condition of a cause is for.
    ConditionPart {
        /// It must be met.
        When = "when",
        /// If it is met, the cause is ruled out.
        Unless = "unless",
        /// If it is met, the cause cannot be confirmed.
        Against = "against",
        /// If it is met by another source, the cause may be confirmed.
        Corroborate = "corroborate",
        /// If it is met later, the incident is over.
        Recovered = "recovered",
    }
}

words! {
    /// Why a record that comes near a condition does not meet it.
    MissKind {
        /// A field that must be the same as in another record is not.
        OtherValue = "other-value",
        /// There are fewer of them than are asked for.
        TooFew = "too-few",
        /// It is too far away in time from the record that it belongs to.
        TooFar = "too-far",
        /// It belongs to the incident, but does not settle the matter.
        Undecided = "undecided",
        /// It is of the same VM or host, but at another time.
        OtherTime = "other-time",
        /// It is of the same VM or host and time, but belongs to another incident of it.
        OtherIncident = "other-incident",
        /// It says of no VM that it is about it.
        NamesNoVm = "names-no-vm",
        /// It is about another VM.
        OtherVm = "other-vm",
        /// It is of another host.
        OtherHost = "other-host",
        /// It holds the words, but stands in a log that does not count for them.
        OtherLog = "other-log",
        /// It holds the words, but another component wrote it.
        OtherWriter = "other-writer",
        /// It holds the words, but in another sentence.
        OtherText = "other-text",
        /// The words are a user's: a name, a note, a quotation.
        UserText = "user-text",
        /// The line belongs to no record: torn, or of another log.
        NoRecord = "no-record",
    }
}
