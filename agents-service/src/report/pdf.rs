//! Documents of text and tables as PDF/A-2b on pages of A4, with their fonts inside. The same content gives the same bytes.

use contract::clock::Moment;
use krilla::color::luma;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};
use unicode_segmentation::UnicodeSegmentation;

use crate::report::font::{DocumentFonts, OpenFonts, Shaped};

/// A4, in points.
const PAGE: (f32, f32) = (595.28, 841.89);
pub const LEFT: f32 = 42.0;
/// From margin to margin.
pub const WIDTH: f32 = PAGE.0 - 2.0 * LEFT;
const TOP: f32 = 48.0;
const BOTTOM: f32 = PAGE.1 - 56.0;
const FOOTER: f32 = PAGE.1 - 32.0;
const SMALL: f32 = 7.5;
/// Between two columns.
const GAP: f32 = 5.0;
/// Height of a line in parts of its size.
const LINE: f32 = 1.36;

/// A document that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error("the PDF cannot be written: {0}")]
    Writing(String),
}

/// What a reader of the file is told beside the content.
pub struct About<'a> {
    pub title: &'a str,
    /// At the foot of each page, before its number.
    pub footer: &'a str,
    pub made_at: Moment,
    /// Names the document among all others.
    pub id: &'a str,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    pub title: &'a str,
    /// Its part of the width.
    pub share: f32,
    /// Numbers stand at the right.
    pub is_number: bool,
}

enum Item {
    Text {
        x: f32,
        y: f32,
        size: f32,
        text: Shaped,
    },
    /// A thin line over a part of the page.
    Rule {
        x: f32,
        y: f32,
        width: f32,
    },
}

/// A document while it is written from top to bottom.
pub struct PdfWriter<'a> {
    fonts: OpenFonts<'a>,
    pages: Vec<Vec<Item>>,
    y: f32,
}

impl<'a> PdfWriter<'a> {
    pub fn new(fonts: &'a DocumentFonts) -> Self {
        Self { fonts: fonts.open(), pages: vec![Vec::new()], y: TOP }
    }

    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// A text over a part of the width, in as many lines as it needs.
    pub fn paragraph(&mut self, text: &str, size: f32) {
        for line in self.wrapped(text, size, WIDTH) {
            self.room_for(size * LINE);
            self.y += size * LINE;
            self.add(Item::Text { x: LEFT, y: self.y - size * (LINE - 1.0), size, text: line });
        }
    }

    /// Texts beside each other, each in a column of its own; a part of a column is a line or more.
    pub fn beside(&mut self, columns: &[Vec<String>], size: f32) {
        #[expect(clippy::cast_precision_loss, reason = "a page has few columns")]
        let width = WIDTH / columns.len().max(1) as f32;
        let (top, mut bottom) = (self.y, self.y);
        for (index, column) in columns.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a page has few columns")]
            let x = LEFT + width * index as f32;
            let mut y = top;
            let lines: Vec<Shaped> =
                column.iter().flat_map(|text| self.wrapped(text, size, width - 2.0 * GAP)).collect();
            for text in lines {
                y += size * LINE;
                self.add(Item::Text { x, y: y - size * (LINE - 1.0), size, text });
            }
            bottom = bottom.max(y);
        }
        self.y = bottom;
    }

    /// A table whose head stands on each of its pages.
    pub fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) {
        let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
        self.row(columns, &titles, None);
        self.rule();
        for row in rows {
            self.row(columns, row, Some(&titles));
        }
        self.rule();
    }

    fn row(&mut self, columns: &[Column], cells: &[String], titles: Option<&[String]>) {
        let total: f32 = columns.iter().map(|column| column.share).sum();
        let widths: Vec<f32> = columns.iter().map(|column| WIDTH * column.share / total).collect();
        let lines: Vec<Vec<Shaped>> =
            cells.iter().zip(&widths).map(|(cell, width)| self.wrapped(cell, SMALL, width - GAP)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a cell has few lines")]
        let height = lines.iter().map(Vec::len).max().unwrap_or(0).max(1) as f32 * SMALL * LINE;
        if self.room_for(height)
            && let Some(titles) = titles
        {
            self.row(columns, titles, None);
            self.rule();
        }
        let (mut x, top) = (LEFT, self.y);
        for ((column, width), lines) in columns.iter().zip(&widths).zip(lines) {
            let mut y = top;
            for text in lines {
                y += SMALL * LINE;
                let at = if column.is_number { x + width - GAP - text.width * SMALL } else { x };
                self.add(Item::Text { x: at, y: y - SMALL * (LINE - 1.0), size: SMALL, text });
            }
            x += width;
        }
        self.y = top + height;
    }

    fn rule(&mut self) {
        self.y += 1.5;
        self.add(Item::Rule { x: LEFT, y: self.y, width: WIDTH });
        self.y += 1.5;
    }

    /// Begins a page where something does not fit; whether it did.
    fn room_for(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM;
        if is_full {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        is_full
    }

    /// A new page, unless so much fits on this one.
    pub fn keep_together(&mut self, height: f32) {
        self.room_for(height);
    }

    fn add(&mut self, item: Item) {
        if let Some(page) = self.pages.last_mut() {
            page.push(item);
        }
    }

    /// The lines of a text, broken between words, and inside those that are wider than a line.
    fn wrapped(&self, text: &str, size: f32, width: f32) -> Vec<Shaped> {
        let whole = self.fonts.shape(text);
        if whole.width * size <= width {
            return vec![whole];
        }
        let (mut lines, mut line) = (Vec::new(), String::new());
        for word in text.split_word_bounds().flat_map(|word| self.parts(word, size, width)) {
            let longer = format!("{line}{word}");
            if !line.is_empty() && self.fonts.shape(longer.trim_end()).width * size > width {
                lines.push(self.fonts.shape(line.trim()));
                line = word;
            } else {
                line = longer;
            }
        }
        lines.push(self.fonts.shape(line.trim()));
        lines
    }

    /// A word, or its letters where it is wider than a line.
    fn parts(&self, word: &str, size: f32, width: f32) -> Vec<String> {
        if self.fonts.shape(word).width * size <= width {
            return vec![word.to_owned()];
        }
        word.graphemes(true).map(str::to_owned).collect()
    }

    /// The file.
    pub fn finish(mut self, about: &About) -> Result<Vec<u8>, PdfError> {
        let count = self.pages.len();
        for index in 0..count {
            let text = self.fonts.shape(&format!("{} · {} / {count}", about.footer, index + 1));
            let x = LEFT + WIDTH - text.width * SMALL;
            self.pages[index].push(Item::Text { x, y: FOOTER, size: SMALL, text });
        }
        let failed = |error: &dyn std::fmt::Debug| PdfError::Writing(format!("{error:?}"));
        let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish();
        let configuration = configuration.map_err(|error| failed(&error))?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        for items in self.pages {
            let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| failed(&"page"))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            surface.set_fill(Some(Fill { paint: luma::Color::black().into(), ..Fill::default() }));
            for item in &items {
                draw(&mut surface, item);
            }
            surface.finish();
            page.finish();
        }
        let metadata = Metadata::new()
            .title(about.title.to_owned())
            .language("en".to_owned())
            .creator("Signpost".to_owned())
            .document_id(about.id.to_owned())
            .creation_date(date_time(about.made_at));
        document.set_metadata(metadata);
        document.finish().map_err(|error| failed(&error))
    }
}

fn draw(surface: &mut Surface, item: &Item) {
    match item {
        Item::Text { x, y, size, text } => {
            let mut x = *x;
            for run in &text.runs {
                let start = Point::from_xy(x, *y);
                surface.draw_glyphs(start, &run.glyphs, run.font.clone(), &run.text, *size, false);
                x += run.width * size;
            }
        }
        Item::Rule { x, y, width } => {
            let mut path = PathBuilder::new();
            if let Some(line) = Rect::from_xywh(*x, *y, *width, 0.6) {
                path.push_rect(line);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

/// A moment as the file says it, in UTC.
fn date_time(moment: Moment) -> DateTime {
    let text = moment.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u8>().ok());
    let year = text.get(..4).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    let date = DateTime::new(year).month(part(5..7).unwrap_or(1)).day(part(8..10).unwrap_or(1));
    let time = date.hour(part(11..13).unwrap_or(0)).minute(part(14..16).unwrap_or(0));
    time.second(part(17..19).unwrap_or(0)).utc_offset_hour(0).utc_offset_minute(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(fonts: &DocumentFonts, rows: usize) -> PdfWriter<'_> {
        let mut pdf = PdfWriter::new(fonts);
        pdf.paragraph("Łódź Ελλάδα Щука", 14.0);
        pdf.beside(&[vec!["one".to_owned()], vec!["two ".repeat(60)]], 9.0);
        let columns = [
            Column { title: "Reference", share: 1.0, is_number: false },
            Column { title: "Amount EUR", share: 1.0, is_number: true },
        ];
        let rows = (0..rows).map(|row| vec![format!("INV-{row} {}", "x".repeat(200)), "-1.00".to_owned()]);
        pdf.table(&columns, &rows.collect::<Vec<_>>());
        pdf
    }

    fn written(rows: usize) -> Vec<u8> {
        let fonts = DocumentFonts::with(None).unwrap();
        let about = About { title: "Statement 1", footer: "Statement 1", made_at: Moment::default(), id: "1" };
        filled(&fonts, rows).finish(&about).unwrap()
    }

    fn has(file: &[u8], text: &str) -> bool {
        file.windows(text.len()).any(|part| part == text.as_bytes())
    }

    #[test]
    fn a_document_has_its_font_inside_and_the_same_bytes_each_time() {
        let file = written(3);
        assert!(file.starts_with(b"%PDF-1.7"));
        for part in ["NotoSans-Regular", "/FontFile", "/ToUnicode", "pdfaid:part>2<"] {
            assert!(has(&file, part), "{part} is missing");
        }
        assert_eq!(file, written(3));
        assert_ne!(file, written(4));
    }

    #[test]
    fn a_long_table_goes_on_over_pages() {
        let fonts = DocumentFonts::with(None).unwrap();
        let pages = |rows| filled(&fonts, rows).pages.len();
        assert_eq!(pages(1), 1);
        assert!(pages(200) > 4);
    }
}
