//! Keys as a table that was written in a spreadsheet.

use std::{collections::BTreeMap, str::FromStr};

use super::{GivenRow, KeyRow, NamedRow};
use crate::{
    Invalid,
    csv::{self, Record},
    keys::Labels,
};

spelled! {
    /// What a column says of keys.
    TableColumn as "csv" {
        /// How they are called.
        Name = "name",
        /// What they are for.
        Description = "description",
        /// Notes on them.
        Labels = "labels",
        /// Who answers for them.
        Owner = "owner",
        /// Whose they are.
        Team = "team",
        /// Until when.
        Expires = "expires",
    }
}

/// The rows below the one that names the columns.
pub(super) fn rows(text: &str) -> Result<Vec<GivenRow>, Invalid> {
    let mut records = csv::read(text)?.into_iter();
    let header = records.next().ok_or_else(|| Invalid::new("csv", "The table is empty. Begin it with a line name."))?;
    let columns = columns(&header)?;
    Ok(records.map(|record| given(&columns, record)).collect())
}

fn columns(header: &Record) -> Result<Vec<TableColumn>, Invalid> {
    let mut columns = Vec::new();
    for cell in &header.cells {
        let word: String = cell.trim().to_lowercase().chars().take(60).collect();
        let column = word.parse::<TableColumn>().map_err(|_| {
            let known: Vec<&str> = TableColumn::ALL.iter().map(|column| column.as_str()).collect();
            let known = known.join(", ");
            let message =
                format!("There is no column {word:?}. Name the columns in the first line, with commas: {known}.");
            Invalid::new("csv", message)
        })?;
        if columns.contains(&column) {
            return Err(Invalid::new("csv", format!("The column {column} is there twice. Leave one out.")));
        }
        columns.push(column);
    }
    match columns.contains(&TableColumn::Name) {
        true => Ok(columns),
        false => Err(Invalid::new("csv", "There is no column name. Name the columns in the first line.")),
    }
}

fn given(columns: &[TableColumn], record: Record) -> GivenRow {
    let Record { line, cells } = record;
    let at = |wanted| columns.iter().position(|column| *column == wanted).and_then(|at| cells.get(at));
    let cell = |wanted| at(wanted).map_or("", |cell| cell.trim());
    let said = match cells.len() == columns.len() {
        true => row(cell),
        false => {
            let message =
                format!("It has {} cells, and the first line {}. Quote cells with commas.", cells.len(), columns.len());
            Err(Invalid::new("csv", message))
        }
    };
    GivenRow { number: line, name: cell(TableColumn::Name).chars().take(100).collect(), said }
}

fn row<'a>(cell: impl Fn(TableColumn) -> &'a str) -> Result<NamedRow, Invalid> {
    fn said<T: FromStr<Err = Invalid>>(text: &str, column: TableColumn) -> Result<Option<T>, Invalid> {
        let wrong = |wrong: Invalid| Invalid::new(column.as_str(), wrong.message);
        (!text.is_empty()).then(|| text.parse().map_err(wrong)).transpose()
    }
    let expires_at = match cell(TableColumn::Expires) {
        "never" => Some(None),
        text => said(text, TableColumn::Expires)?.map(Some),
    };
    let row = KeyRow {
        description: said(cell(TableColumn::Description), TableColumn::Description)?,
        labels: labels(cell(TableColumn::Labels))?,
        expires_at,
        ..KeyRow::named(cell(TableColumn::Name).parse()?)
    };
    let team = Some(cell(TableColumn::Team).to_owned()).filter(|team| !team.is_empty());
    Ok(NamedRow { row, owner: said(cell(TableColumn::Owner), TableColumn::Owner)?, team })
}

/// Reads `region=eu;tier=1`.
fn labels(text: &str) -> Result<Labels, Invalid> {
    let mut labels = BTreeMap::new();
    for label in text.split(';').map(str::trim).filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once('=').ok_or_else(|| {
            Invalid::new("labels", "Write labels as name=value with semicolons between them: region=eu;tier=1.")
        })?;
        if labels.insert(name.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(Invalid::new("labels", format!("The label {:?} is there twice.", name.trim())));
        }
    }
    labels.try_into()
}
