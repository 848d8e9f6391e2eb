//! Tables for spreadsheets, as RFC 4180 writes them.

use crate::Invalid;

/// One row, its line end included.
///
/// A cell that a spreadsheet would take for a formula is preceded by `'`, which makes it text: names and
/// labels are anybody's, and whoever opens an export must not run what another wrote.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let defused = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    match defused.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", defused.replace('"', "\"\"")),
        false => defused,
    }
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Reads a table: rows of cells, with lines that say nothing left out. It may begin with a byte order mark and end its
/// lines in any way.
///
/// # Errors
/// When a quote is never closed, or more follows one that is. The message names the line.
pub fn read(text: &str) -> Result<Vec<Record>, Invalid> {
    let mut reader = Reader { rest: text.strip_prefix('\u{FEFF}').unwrap_or(text), line: 1 };
    let mut records = Vec::new();
    while !reader.rest.is_empty() {
        let record = reader.record()?;
        if record.cells.iter().any(|cell| !cell.trim().is_empty()) {
            records.push(record);
        }
    }
    Ok(records)
}

/// What is left to be read, and the line that it begins in.
struct Reader<'a> {
    rest: &'a str,
    line: u64,
}

impl Reader<'_> {
    fn record(&mut self) -> Result<Record, Invalid> {
        let (line, mut cells) = (self.line, Vec::new());
        loop {
            cells.push(if self.take("\"") { self.quoted()? } else { self.plain() });
            if !self.take(",") {
                break;
            }
        }
        if !(self.take("\r\n") || self.take("\n") || self.take("\r") || self.rest.is_empty()) {
            return Err(broken(self.line, "has text behind a closing quote. Write a quote within a cell twice"));
        }
        self.line += 1;
        Ok(Record { line, cells })
    }

    /// A cell up to what ends it.
    fn plain(&mut self) -> String {
        let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        self.rest = rest;
        cell.to_owned()
    }

    /// A cell whose opening quote was taken.
    fn quoted(&mut self) -> Result<String, Invalid> {
        let (begun, mut cell) = (self.line, String::new());
        loop {
            let Some((part, rest)) = self.rest.split_once('"') else {
                return Err(broken(begun, "opens a quote that is never closed"));
            };
            cell.push_str(part);
            self.line += part.matches('\n').count() as u64;
            self.rest = rest;
            if !self.take("\"") {
                return Ok(cell);
            }
            cell.push('"');
        }
    }

    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn broken(line: u64, what: &str) -> Invalid {
    Invalid::new("csv", format!("Line {line} {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(u64, Vec<String>)> {
        read(text).unwrap().into_iter().map(|record| (record.line, record.cells)).collect()
    }

    #[test]
    fn reads_what_it_writes() {
        let rows = [vec!["a", "b,c", "say \"hi\""], vec!["two\nlines", "", "Öl"], vec!["x", "y", "z"]];
        let text: String = rows.iter().map(|cells| row(cells.iter().copied())).collect();
        let read: Vec<_> = cells(&text);
        assert_eq!(read.iter().map(|(_, cells)| cells.clone()).collect::<Vec<_>>(), rows);
        assert_eq!(read.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4], "a cell may have lines");
    }

    #[test]
    fn takes_any_line_end_a_mark_at_the_start_and_empty_lines() {
        let expected: Vec<(u64, Vec<String>)> =
            vec![(1, vec!["a".into(), "b".into()]), (3, vec!["c".into(), String::new()])];
        for text in ["\u{FEFF}a,b\r\n\r\nc,\r\n", "a,b\n,\nc,", "\"a\",b\r\rc,\r"] {
            assert_eq!(cells(text), expected, "{text:?}");
        }
        assert!(cells("").is_empty() && cells(" \n\n").is_empty());
    }

    #[test]
    fn what_is_broken_is_named_by_its_line() {
        for (text, line) in [("a\nb\n\"c\nd", "Line 3 "), ("a\n\"b\"c\n", "Line 2 "), ("\"", "Line 1 ")] {
            let message = read(text).unwrap_err().message;
            assert!(message.starts_with(line) && message.ends_with('.'), "{message}");
        }
    }

    #[test]
    fn quotes_what_would_end_a_cell() {
        assert_eq!(
            row(["a", "b,c", "say \"hi\"", "two\nlines", ""]),
            "a,\"b,c\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n"
        );
    }

    #[test]
    fn defuses_formulas() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let written = row([formula]);
            assert!(written.starts_with('\'') || written.starts_with("\"'"), "{written:?}");
        }
        assert_eq!(row(["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
        assert_eq!(row(["a=b", "e-mail"]), "a=b,e-mail\r\n");
    }
}
