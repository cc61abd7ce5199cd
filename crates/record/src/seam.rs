//! Finds the second of two records that stand in one line.

use crate::formats::{Dialect, Glance, Kin};

/// Finds two records in one line: a crash cut the first, and what was written next had no line break before it.
#[derive(Default)]
pub(crate) struct Seams {
    /// The year of the last stamp, `2023-`, and how to find it.
    year: Option<([u8; 5], memchr::memmem::Finder<'static>)>,
}

impl Seams {
    /// Where in a line a second record begins.
    ///
    /// A guest may write a head of its own into a `vmware.log`, and users may into every log of a daemon. So this
    /// is done for `vmware.log` only, and only where the text before is neither a guest's nor quoted and ends
    /// inside of a word or with a carriage return, and where time does not go back.
    pub(crate) fn find(
        &mut self,
        line: &[u8],
        lead: usize,
        dialect: &'static Dialect,
        first: &Glance<'_>,
    ) -> Option<usize> {
        /// Stamps in one line after which it is taken for something else.
        const MOST: usize = 16;
        if dialect.kin != Kin::Vmx || first.level.is_none() {
            return None;
        }
        let time = first.stamp?.time?;
        let text = line.get(lead..)?;
        let year: [u8; 5] = *text.first_chunk()?;
        if self.year.as_ref().is_none_or(|it| it.0 != year) {
            self.year = Some((year, memchr::memmem::Finder::new(&year).into_owned()));
        }
        let from = line.len() - first.body.len();
        let body = line.get(from..)?;
        let finder = &self.year.as_ref()?.1;
        let at = finder.find_iter(body).take(MOST).find(|at| {
            let torn = at.checked_sub(1).and_then(|it| body.get(it));
            let second = body.get(*at..).and_then(dialect.glance);
            let later = second.and_then(|it| it.stamp.filter(|_| it.level.is_some() && !it.more)?.time);
            torn.is_some_and(|byte| byte.is_ascii_alphanumeric() || b".,)\r".contains(byte))
                && later.is_some_and(|later| later >= time)
                && body.get(..*at).is_some_and(is_own_text)
        })?;
        Some(from + at)
    }
}

/// Whether a text of the VMX is its own words: not those of a guest, and not inside of a quotation.
fn is_own_text(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let from_guest =
        [&b"guest"[..], b"tools", b"rpc", b"vix"].iter().any(|it| memchr::memmem::find(&lower, it).is_some());
    !from_guest && memchr::memchr_iter(b'"', text).count().is_multiple_of(2)
}
