//! One page of HTML that needs nothing else: findings first, then figures and tables. Readable without its script, which sorts
//! tables and marks one location in every table and figure.

#[cfg(feature = "plot")]
mod bars;
#[cfg(feature = "plot")]
mod recording;
#[cfg(feature = "plot")]
mod report;

use std::fmt::Write;

use crate::judge::{Level, Verdict};

/// A page of a report, built part by part.
///
/// ```
/// use diagnostics::{Level, ReportPage};
///
/// let mut page = ReportPage::new("A network");
/// page.line("loss: 3.3");
/// page.finding(Level::Warning, "saturated", "fc1", "42.2% of activations are within 1% of ±1.", &[]);
/// let html = page.html();
/// assert!(html.starts_with("<!doctype html>") && html.contains("<strong>fc1</strong>"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReportPage {
    title: String,
    headline: String,
    lines: Vec<String>,
    findings: String,
    /// True if the page lists findings, or says that there are none.
    judged: bool,
    contents: Vec<String>,
    sections: String,
    figures: usize,
    /// True if the last part is a figure, so that the next one stands beside it.
    figure_open: bool,
}

impl ReportPage {
    /// A page of findings with a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), judged: true, ..Self::default() }
    }

    /// A page without findings, which begins with a list of its sections.
    pub fn with_contents(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Sets the sentence under the title: what a reader should know first.
    pub fn headline(&mut self, text: impl Into<String>) {
        self.headline = text.into();
    }

    /// Adds a line about the whole under the title.
    pub fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// Adds a finding: its level, its rule, its location, what was found, and further sentences.
    pub fn finding(&mut self, level: Level, rule: &str, location: &str, finding: &str, details: &[String]) {
        let [rule, location, finding] = [rule, location, finding].map(escaped);
        let level = level.name();
        let details: String = details.iter().map(|text| format!("<p>{}</p>\n", escaped(text))).collect();
        let _ = writeln!(
            self.findings,
            "<article class=\"finding {level}\">\n<h3><span class=\"level\">{level}</span> <code>{rule}</code></h3>\n\
             <p><strong>{location}</strong>: {finding}</p>\n{details}</article>"
        );
    }

    /// Adds a verdict as a finding.
    pub fn verdict(&mut self, verdict: &Verdict) {
        let text = verdict.to_string();
        // The first line has the finding; each further line is a sentence of its own.
        let details: Vec<String> = text.lines().skip(1).map(|line| line.trim().to_owned()).collect();
        self.finding(verdict.level, verdict.rule, verdict.location(), &verdict.finding, &details);
    }

    /// Adds a figure, given as the text of an SVG, with a title and a description for those who cannot see it.
    pub fn figure(&mut self, title: &str, description: &str, svg: &str) {
        self.add_figure(title, description, svg, "");
    }

    /// Adds a figure along a network, whose places are marked when their names are pointed at elsewhere.
    #[cfg(feature = "plot")]
    pub(super) fn figure_along(&mut self, along: &crate::DescribedFigure) {
        let (names, places): (Vec<&str>, Vec<f64>) =
            along.sites.iter().map(|(name, place)| (name.as_str(), *place)).unzip();
        let entries = names
            .iter()
            .zip(along.figure.columns(0, &places))
            .map(|(name, [x, top, bottom])| format!("{}:[[{x},{top},{bottom}]]", quoted(name)));
        let data = format!(" data-places=\"{{{}}}\"", escaped(&entries.collect::<Vec<_>>().join(",")));
        self.add_figure(along.title, &along.description, &along.figure.svg(), &data);
    }

    fn add_figure(&mut self, title: &str, description: &str, svg: &str, data: &str) {
        self.figures += 1;
        let id = format!("figure-{}", self.figures);
        let [title, description] = [title, description].map(escaped);
        // The tag of the figure itself keeps its size and view box. Its own title and description would be said twice.
        let (tag, rest) = svg.split_once('>').unwrap_or(("<svg", svg));
        let tag = tag.replace(" role=\"img\"", "");
        let rest = without(&without(rest, "title"), "desc");
        // Each figure defines its own letters, and a page has one thing of a name.
        let rest = rest
            .replace("<path id=\"", &format!("<path id=\"{id}-"))
            .replace("<use href=\"#", &format!("<use href=\"#{id}-"));
        let label = format!(
            "{tag} class=\"plot\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-text\">{description}</desc>"
        );
        // Panels side by side take the whole width.
        let width = tag.split("width=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<f64>().ok());
        let class = if width.is_some_and(|width| width > WIDE) { " class=\"wide\"" } else { "" };
        if !std::mem::replace(&mut self.figure_open, true) {
            self.sections += "<div class=\"figures\">\n";
        }
        let _ = writeln!(
            self.sections,
            "<figure{class}{data}>\n<div class=\"scroll\" tabindex=\"0\">{label}{rest}</div>\n<figcaption>{description}</figcaption>\n</figure>"
        );
    }

    /// Adds a heading and HTML that is used as it is.
    pub fn section(&mut self, heading: &str, html: &str) {
        self.section_about(heading, "", html);
    }

    /// The same with a short finding for the list of sections.
    pub fn section_about(&mut self, heading: &str, finding: &str, html: &str) {
        let (heading, id) = (escaped(heading), format!("section-{}", self.contents.len() + 1));
        self.html_part(&format!("<h2 id=\"{id}\">{heading}</h2>\n{html}"));
        let entry = format!("<a href=\"#{id}\">{heading}</a>");
        self.contents.push(if finding.is_empty() { entry } else { format!("{entry}: {}", escaped(finding)) });
    }

    /// Adds HTML that is used as it is to the last section.
    pub fn html_part(&mut self, html: &str) {
        if std::mem::take(&mut self.figure_open) {
            self.sections += "</div>\n";
        }
        let _ = writeln!(self.sections, "{html}");
    }

    /// Adds a paragraph to the last section.
    pub fn paragraph(&mut self, text: &str) {
        self.html_part(&format!("<p>{}</p>", escaped(text)));
    }

    fn contents(&self) -> String {
        let list: String = self.contents.iter().map(|entry| format!("<li>{entry}</li>\n")).collect();
        format!("<nav aria-label=\"Contents\">\n<ol>\n{list}</ol>\n</nav>\n")
    }

    fn findings(&self) -> String {
        match (self.judged, self.findings.as_str()) {
            (false, _) => self.contents(),
            (true, "") => "<p class=\"healthy\">Nothing found: no rule has anything to say.</p>\n".to_owned(),
            (true, findings) => format!("<h2>Findings</h2>\n{findings}"),
        }
    }

    /// The text of the page.
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let lines: String = self.lines.iter().map(|line| format!("<li>{}</li>\n", escaped(line))).collect();
        let end = if self.figure_open { "</div>\n" } else { "" };
        let headline = match self.headline.as_str() {
            "" => String::new(),
            text => format!("<p class=\"headline\">{}</p>\n", escaped(text)),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n{headline}<ul class=\"facts\">\n{lines}</ul>\n{}{}{end}</main>\n\
             <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            self.findings(),
            self.sections
        )
    }
}

/// The nominal width in pixels above which a figure does not share a row with another.
const WIDE: f64 = 780.0;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text of JSON.
#[cfg(feature = "plot")]
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted += &format!("\\u{:04x}", u32::from(letter)),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// A text without the first element of that name, if it has one without attributes.
fn without(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    match text.split_once(&open).and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::ReportPage;
    use crate::judge::Level;

    #[test]
    fn names_are_never_markup() {
        let mut page = ReportPage::new("a <b> & \"c\"");
        page.finding(Level::Error, "r", "<script>", "x < y", &["1 > 0".to_owned()]);
        page.figure("t<", "d>", "<svg width=\"1\">\n</svg>");
        let html = page.html();
        assert!(!html.contains("<strong><script") && !html.contains("<b>"));
        assert!(
            html.contains("x &lt; y")
                && html.contains("1 &gt; 0")
                && html.contains("a &lt;b&gt; &amp; &quot;c&quot;")
        );
        assert!(html.contains("<svg width=\"1\" class=\"plot\""));
    }

    #[cfg(feature = "plot")]
    #[test]
    fn a_text_of_json_is_quoted() {
        assert_eq!(super::quoted("a\"\\\n"), r#""a\"\\\u000a""#);
    }

    #[test]
    fn a_page_asks_for_nothing_from_elsewhere() {
        let html = ReportPage::new("x").html();
        // The name of SVG is no request.
        let html = html.replace("http://www.w3.org/2000/svg", "");
        for reference in ["http", "src=", "@import", "url(", "fetch(", "import("] {
            assert!(!html.contains(reference), "{reference}");
        }
        assert!(html.contains("Nothing found"));
    }
}
