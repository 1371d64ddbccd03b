//! The statement as PDF.

use contract::clock::Moment;
use contract::events::statements::StatementIssued;

use crate::report::font::DocumentFonts;
use crate::report::pdf::{About, Column, PdfError, PdfWriter};
use crate::statement_document::content::{Content, LINE_COLUMNS, SectionShown};

const TITLE: f32 = 17.0;
const HEADING: f32 = 11.0;
const TEXT: f32 = 8.5;
/// What a heading keeps below it on its page.
const TOGETHER: f32 = 90.0;
/// The parts of the width that the columns of the lines take.
const SHARES: [f32; 8] = [52.0, 78.0, 100.0, 56.0, 56.0, 66.0, 54.0, 56.0];

pub fn write(
    fonts: &DocumentFonts,
    content: &Content,
    issued: &StatementIssued,
    issued_at: Moment,
) -> Result<Vec<u8>, PdfError> {
    let mut pdf = PdfWriter::new(fonts);
    pdf.paragraph(&content.title, TITLE);
    pdf.space(10.0);
    let parties = content.parties.iter();
    let parties: Vec<Vec<String>> =
        parties.map(|party| [party.role.to_owned()].into_iter().chain(party.lines.iter().cloned()).collect()).collect();
    pdf.beside(&parties, TEXT);
    pdf.space(10.0);
    for (label, text) in &content.facts {
        pdf.paragraph(&format!("{label}: {text}"), TEXT);
    }
    if !content.notes.is_empty() {
        pdf.space(6.0);
    }
    for note in &content.notes {
        pdf.paragraph(note, TEXT);
    }
    for section in &content.sections {
        write_section(&mut pdf, section);
    }
    let id = issued.statement_id.to_string();
    pdf.finish(&About { title: &content.title, footer: &content.title, made_at: issued_at, id: &id })
}

fn write_section(pdf: &mut PdfWriter, section: &SectionShown) {
    pdf.space(14.0);
    pdf.keep_together(TOGETHER);
    pdf.paragraph(&section.currency, HEADING);
    pdf.space(4.0);
    let amount = |title: &str| section.amount(title);
    let heads = [String::new(), "Lines".to_owned(), amount("Amount")];
    table(pdf, &heads, &[2.0, 1.0, 1.0], &[false, true, true], &section.sums);
    if !section.taxes.is_empty() {
        pdf.space(8.0);
        pdf.keep_together(TOGETHER);
        let heads = ["Paid out".to_owned(), amount("Net"), amount("Tax"), amount("Gross")];
        table(pdf, &heads, &[2.0, 1.0, 1.0, 1.0], &[false, true, true, true], &section.taxes);
    }
    if !section.lines.is_empty() {
        pdf.space(8.0);
        pdf.keep_together(TOGETHER);
        let heads = LINE_COLUMNS.map(|column| section.head(&column));
        table(pdf, &heads, &SHARES, &LINE_COLUMNS.map(|(_, is_number)| is_number), &section.lines);
    }
}

fn table<const COLUMNS: usize>(
    pdf: &mut PdfWriter,
    heads: &[String; COLUMNS],
    shares: &[f32; COLUMNS],
    numbers: &[bool; COLUMNS],
    rows: &[[String; COLUMNS]],
) {
    let columns = heads.iter().zip(shares).zip(numbers);
    let columns: Vec<Column> =
        columns.map(|((title, share), is_number)| Column { title, share: *share, is_number: *is_number }).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
    pdf.table(&columns, &rows);
}
