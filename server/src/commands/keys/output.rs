//! What is printed: tables for people, CSV for spreadsheets.

use std::io::{BufRead, IsTerminal, Write};

use domain::csv;

use crate::{
    cli::Output,
    commands::{Failure, fail},
};

/// A table: its columns' names, and its rows.
pub(super) struct Table {
    /// The names of the columns; those that begin with `>` are numbers.
    pub(super) head: Vec<&'static str>,
    /// The cells, as many a row as there are columns.
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Prints it. JSON is no table; who asked for that has it already.
    pub(super) fn print(&self, output: Output) {
        match output {
            Output::Table => print(&self.text()),
            Output::Csv => print(&self.csv()),
            Output::Json => {}
        }
    }

    fn text(&self) -> String {
        let head: Vec<String> = self.head.iter().map(|name| name.trim_start_matches('>').to_uppercase()).collect();
        let rows: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
        let lines = || std::iter::once(&head).chain(&rows);
        let width = |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let line = |cells: &Vec<String>| {
            let padded = cells.iter().zip(&widths).zip(&self.head).map(|((cell, width), name)| {
                if name.starts_with('>') { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        lines().map(line).collect()
    }

    fn csv(&self) -> String {
        let head = csv::row(self.head.iter().map(|name| name.trim_start_matches('>')));
        let rows = self.rows.iter().map(|row| csv::row(row.iter().map(String::as_str)));
        std::iter::once(head).chain(rows).collect()
    }
}

/// A cell as a terminal may be given it: names are anybody's, and must not move the cursor or end the line.
fn shown(cell: &str) -> String {
    cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Prints on standard output.
pub(super) fn print(text: &str) {
    // A closed pipe at the other end is no reason to fail.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Says something to the person at the terminal, beside what is printed.
pub(super) fn note(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Asks before something is done, unless `yes` was said already.
///
/// # Errors
/// When the answer is no, or when there is nobody to ask.
pub(super) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Failure::usage(format!("{question} Say --yes: there is no terminal to ask at.")));
    }
    let mut stderr = std::io::stderr();
    let _ = write!(stderr, "{question} [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).map_err(fail)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(fail("Nothing was done.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let row = |name: &str, calls: &str| vec![name.to_owned(), calls.to_owned()];
        Table { head: vec!["name", ">calls"], rows: vec![row("=1+1\u{1b}[2J", "7"), row("é", "1000")] }
    }

    #[test]
    fn a_table_is_aligned_and_moves_no_cursor() {
        assert_eq!(table().text(), "NAME      CALLS\n=1+1 [2J      7\né          1000\n");
    }

    #[test]
    fn csv_holds_no_formula() {
        assert_eq!(table().csv(), "name,calls\r\n'=1+1\u{1b}[2J,7\r\né,1000\r\n");
    }
}
