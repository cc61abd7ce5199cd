/// Why [`diagnose`](crate::diagnose) gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The knowledge files are wrong.
    #[error(transparent)]
    Knowledge(#[from] esxray_knowledge::Error),
    /// The input cannot be opened, or the machine does not give what is asked for.
    #[error(transparent)]
    Diagnosis(#[from] esxray_diagnosis::Error),
}
