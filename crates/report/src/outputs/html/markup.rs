//! The one door through which text reaches the page.
//!
//! An [`Html`] writes elements whose names are ours, attributes whose names are ours, and text. Whatever was not
//! written down in this folder goes in as text or as the value of an attribute, and both are escaped here: there is no
//! way to hand it markup. Characters that cannot be seen, or that turn others around, are named, as on the terminal.
//!
//! What comes out is well-formed XML too, so that a test can hold every element and attribute against a list.

use crate::escape::{Charset, Piece, each_piece, named};

/// The attributes of an element; the values are escaped.
pub(super) type Attrs<'a> = &'a [(&'static str, &'a str)];

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Html {
    out: String,
}

impl Html {
    /// An element with what `inside` writes.
    pub(super) fn el(&mut self, tag: &'static str, attrs: Attrs<'_>, inside: impl FnOnce(&mut Self)) {
        self.open(tag, attrs);
        self.out.push('>');
        inside(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        if ON_A_LINE.contains(&tag) {
            self.out.push('\n');
        }
    }

    /// An element that has nothing inside.
    pub(super) fn void(&mut self, tag: &'static str, attrs: Attrs<'_>) {
        self.open(tag, attrs);
        self.out.push_str("/>");
    }

    /// An element of a class with text inside.
    pub(super) fn leaf(&mut self, tag: &'static str, class: &str, text: &str) {
        let attrs: Attrs<'_> = if class.is_empty() { &[] } else { &[("class", class)] };
        self.el(tag, attrs, |h| h.text(text));
    }

    /// The same for a paragraph of the knowledge base, in which a line break is a blank.
    pub(super) fn prose(&mut self, tag: &'static str, class: &str, text: &str) {
        self.leaf(tag, class, &text.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    /// A name of the input: its direction of writing does not reach the words around it.
    pub(super) fn name(&mut self, text: &str) {
        self.leaf("bdi", "", text);
    }

    /// A link to another place of the page.
    pub(super) fn link(&mut self, anchor: &str, class: &str, text: &str) {
        self.el("a", &[("href", &format!("#{anchor}")), ("class", class)], |h| h.text(text));
    }

    /// Text.
    pub(super) fn text(&mut self, text: &str) {
        each_piece(text, Charset::Unicode, |_, piece| match piece {
            Piece::Same(c) => self.escaped(c),
            Piece::Named(c, count) => named(c, count, Charset::Unicode).chars().for_each(|c| self.escaped(c)),
        });
    }

    /// The end of a line that is no blank, for what is to be copied.
    pub(super) fn line_break(&mut self) {
        self.out.push('\n');
    }

    /// A style or a script of ours, as it is.
    pub(super) fn asset(&mut self, tag: &'static str, content: &'static str) {
        self.open(tag, &[]);
        self.out.push('>');
        self.out.push_str(content);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        format!("<!DOCTYPE html>\n{}", self.out)
    }

    fn open(&mut self, tag: &'static str, attrs: Attrs<'_>) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attrs {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
    }

    fn escaped(&mut self, c: char) {
        match c {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '"' => self.out.push_str("&quot;"),
            '\'' => self.out.push_str("&#39;"),
            c => self.out.push(c),
        }
    }
}

/// Elements that end a line of the file, so that it can be read and compared.
const ON_A_LINE: &[&str] = &[
    "article", "div", "dl", "details", "figure", "footer", "g", "h1", "h2", "h3", "head", "header", "li", "main",
    "meta", "nav", "ol", "p", "section", "svg", "table", "title", "tr", "ul",
];

#[cfg(test)]
mod tests {
    use super::Html;

    #[test]
    fn text_stays_text() {
        let mut h = Html::default();
        h.el("p", &[("title", "\"><script>")], |h| h.text("</p><script>alert('1')</script>&lt;\u{202e}x\u{0}"));
        assert_eq!(
            h.finish(),
            "<!DOCTYPE html>\n<p title=\"&quot;&gt;&lt;script&gt;\">&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;)\
             &lt;/script&gt;&amp;lt;&lt;U+202E&gt;x&lt;U+0000&gt;</p>\n"
        );
    }
}
