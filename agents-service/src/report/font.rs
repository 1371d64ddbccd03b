//! The fonts of documents: one for Latin, Greek and Cyrillic is a part of the program, and another one for other scripts can be named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deunicode::deunicode_char;
use krilla::Data;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Face, UnicodeBuffer};

/// Noto Sans; its licence is beside it.
const BUILT_IN: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Regular.ttf");
/// Stands for a letter that nothing resembles.
const UNKNOWN: &str = "?";

/// The fonts of documents, in the order in which letters are looked for.
#[derive(Clone)]
pub struct DocumentFonts(Arc<Vec<Data>>);

/// A font file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    #[error("the font {path} cannot be read")]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("{path} is no TrueType or OpenType font")]
    NoFont { path: PathBuf },
}

impl DocumentFonts {
    /// The font of this file before the one inside.
    pub fn with(file: Option<&Path>) -> Result<Self, FontError> {
        let mut fonts = vec![Data::from(BUILT_IN)];
        if let Some(path) = file {
            let path = || path.to_owned();
            let bytes = std::fs::read(path()).map_err(|cause| FontError::Unreadable { path: path(), cause })?;
            let font = Data::from(bytes);
            if Face::from_slice(font.as_ref(), 0).is_none() || Font::new(font.clone(), 0).is_none() {
                return Err(FontError::NoFont { path: path() });
            }
            fonts.insert(0, font);
        }
        Ok(Self(Arc::new(fonts)))
    }

    pub fn open(&self) -> OpenFonts<'_> {
        let open = |font: &'_ Data| Font::new(font.clone(), 0);
        let faces = self.0.iter().filter_map(|font| Some((Face::from_slice(font.as_ref(), 0)?, open(font)?)));
        OpenFonts(faces.collect())
    }
}

/// The fonts while a document is written.
pub struct OpenFonts<'a>(Vec<(Face<'a>, Font)>);

/// A text as glyphs. Widths are in parts of the font's size.
#[derive(Clone)]
pub struct Shaped {
    pub runs: Vec<Run>,
    pub width: f32,
}

/// A part of a text in one font.
#[derive(Clone)]
pub struct Run {
    pub text: String,
    pub font: Font,
    pub glyphs: Vec<KrillaGlyph>,
    pub width: f32,
}

impl OpenFonts<'_> {
    /// The glyphs of a text. A letter that no font has is written in Latin letters.
    pub fn shape(&self, text: &str) -> Shaped {
        let mut parts: Vec<(usize, String)> = Vec::new();
        for letter in text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }) {
            let (index, written) = match self.with(letter) {
                Some(index) => (index, letter.to_string()),
                None => (self.0.len().saturating_sub(1), deunicode_char(letter).unwrap_or(UNKNOWN).to_owned()),
            };
            match parts.last_mut().filter(|(font, _)| *font == index) {
                Some((_, part)) => part.push_str(&written),
                None => parts.push((index, written)),
            }
        }
        let runs: Vec<Run> = parts.into_iter().filter_map(|(index, text)| self.run(index, text)).collect();
        let width = runs.iter().map(|run| run.width).sum();
        Shaped { runs, width }
    }

    fn with(&self, letter: char) -> Option<usize> {
        self.0.iter().position(|(face, _)| face.glyph_index(letter).is_some())
    }

    #[expect(clippy::cast_precision_loss, reason = "the numbers of a font have 16 bits")]
    fn run(&self, index: usize, text: String) -> Option<Run> {
        let (face, font) = self.0.get(index)?;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let em = |units: i32| units as f32 / font.units_per_em();
        let starts: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        let glyphs: Vec<KrillaGlyph> = shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, at)| {
                let start = info.cluster as usize;
                let end = starts.iter().copied().filter(|other| *other > start).min().unwrap_or(text.len());
                let glyph = GlyphId::new(info.glyph_id);
                KrillaGlyph::new(
                    glyph,
                    em(at.x_advance),
                    em(at.x_offset),
                    em(at.y_offset),
                    em(at.y_advance),
                    start..end,
                    None,
                )
            })
            .collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Some(Run { text, font: font.clone(), glyphs, width })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_inside_has_latin_greek_and_cyrillic_and_writes_the_rest_in_latin_letters() {
        let fonts = DocumentFonts::with(None).unwrap();
        let open = fonts.open();
        let text = "Łódź Ελλάδα Щука Çelik ½ € – “x”";
        let shaped = open.shape(text);
        assert_eq!((shaped.runs.len(), shaped.runs[0].text.as_str()), (1, text));
        assert!(shaped.runs[0].glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0));
        assert_eq!(open.shape("a\t李").runs[0].text, "a Li ");
        assert!(open.shape("MM").width > open.shape("ii").width);
    }

    #[test]
    fn a_file_that_is_no_font_is_refused() {
        let error = |path: &str| DocumentFonts::with(Some(Path::new(path))).err().map(|error| error.to_string());
        assert_eq!(error("/nowhere/x.ttf").as_deref(), Some("the font /nowhere/x.ttf cannot be read"));
        let no_font = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(error(no_font).unwrap().ends_with("is no TrueType or OpenType font"));
    }
}
