//! What a person reads, in each language that the tool speaks.

use std::fmt;

/// A language of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Lang {
    /// Every language, the default first.
    pub const ALL: &'static [Self] = &[Self::En, Self::Fr];

    /// The word for `--lang`, which is the language's code in ISO 639-1.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// The one of two texts that is in this language.
    ///
    /// ```
    /// use esxray_model::Lang;
    ///
    /// assert_eq!(Lang::Fr.pick("disk", "disque"), "disque");
    /// ```
    pub fn pick<T>(self, en: T, fr: T) -> T {
        match self {
            Self::En => en,
            Self::Fr => fr,
        }
    }

    /// The language of a locale, such as `fr_CA.UTF-8`; `None` for one that is not spoken.
    ///
    /// ```
    /// use esxray_model::Lang;
    ///
    /// assert_eq!(Lang::from_locale("fr_FR.UTF-8"), Some(Lang::Fr));
    /// assert_eq!(Lang::from_locale("C"), None);
    /// ```
    pub fn from_locale(locale: &str) -> Option<Self> {
        let code = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        Self::ALL.iter().copied().find(|lang| lang.as_str().eq_ignore_ascii_case(code))
    }
}

/// A sentence in every language: none can lack, because none can be left out where it is made.
///
/// Order and equality are those of the English text. Names of the input stand in both as they are.
///
/// ```
/// use esxray_model::{Lang, say};
///
/// let disks = 3;
/// let sentence = say!(en: "{disks} disks", fr: "{disks} disques");
/// assert_eq!(sentence.r#in(Lang::Fr), "3 disques");
/// assert_eq!(sentence.to_string(), "3 disks");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Said {
    en: String,
    fr: String,
}

impl Said {
    /// From the English and the French text.
    pub fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self { en: en.into(), fr: fr.into() }
    }

    /// What is the same in every language: a name, a path, a text of the input.
    pub fn name(text: impl Into<String>) -> Self {
        let en: String = text.into();
        Self { fr: en.clone(), en }
    }

    /// The text in a language.
    pub fn r#in(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.fr)
    }

    /// The English text.
    pub fn en(&self) -> &str {
        &self.en
    }

    /// The French text.
    pub fn fr(&self) -> &str {
        &self.fr
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// Several sentences as one, with the same text between them in every language.
    #[must_use]
    pub fn join<'s>(sentences: impl IntoIterator<Item = &'s Self>, between: &str) -> Self {
        let mut joined = Self::default();
        for (index, sentence) in sentences.into_iter().enumerate() {
            let between = if index == 0 { "" } else { between };
            joined.en.extend([between, &sentence.en]);
            joined.fr.extend([between, &sentence.fr]);
        }
        joined
    }

    /// The same sentence after a change that is made to each text, such as filling in a value.
    #[must_use]
    pub fn map(&self, mut change: impl FnMut(&str) -> String) -> Self {
        Self { en: change(&self.en), fr: change(&self.fr) }
    }
}

impl From<(&str, &str)> for Said {
    /// From the English and the French text.
    fn from((en, fr): (&str, &str)) -> Self {
        Self::new(en, fr)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.en)
    }
}

impl PartialEq<str> for Said {
    fn eq(&self, other: &str) -> bool {
        self.en == other
    }
}

impl PartialEq<&str> for Said {
    fn eq(&self, other: &&str) -> bool {
        self.en == *other
    }
}

/// A [`Said`] from one format string for each language; both may name the same values in braces.
#[macro_export]
macro_rules! say {
    (en: $en:literal $(, $en_value:expr)*; fr: $fr:literal $(, $fr_value:expr)* $(,)?) => {
        $crate::Said::new(::std::format!($en $(, $en_value)*), ::std::format!($fr $(, $fr_value)*))
    };
    (en: $en:literal, fr: $fr:literal $(,)?) => {
        $crate::Said::new(::std::format!($en), ::std::format!($fr))
    };
}
