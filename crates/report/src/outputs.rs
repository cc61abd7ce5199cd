//! The forms in which a diagnosis leaves: one file each, in `outputs/`.
//!
//! A new one is a file with `ABOUT` and `render`, its `mod` line, and a word in
//! the list below; `--format`, its help and the tests iterate [`Output::ALL`].
//! The `mod` lines stand apart from the list because `rustfmt` does not look
//! into macros for files.

use esxray_diagnosis::Diagnosis;

mod clocks;
mod csv;
pub mod history;
pub mod html;
pub mod inventory;
pub mod json;
pub mod records;
pub mod rekey;
pub(crate) mod strict;
pub mod text;
pub mod why_not;

use text::TextOptions;

macro_rules! outputs {
    ($($module:ident: $variant:ident),+ $(,)?) => {
        /// A form of the report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Output {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $variant,)+
        }

        impl Output {
            /// Every form, the default first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for `--format`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($module),)+ }
            }

            /// What it is good for, in a few words.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $module::ABOUT,)+ }
            }

            /// The whole report in this form; what does not concern the form is ignored in `options`.
            pub fn render(self, diagnosis: &Diagnosis, options: &TextOptions) -> String {
                match self { $(Self::$variant => $module::render(diagnosis, options),)+ }
            }
        }
    };
}

outputs! { text: Text, json: Json, html: Html }

impl Output {
    /// The form behind a word; `None` for an unknown word.
    ///
    /// ```
    /// use esxray_report::Output;
    ///
    /// assert_eq!(Output::from_word("json"), Some(Output::Json));
    /// assert_eq!(Output::from_word("yaml"), None);
    /// ```
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|output| output.as_str() == word)
    }
}
