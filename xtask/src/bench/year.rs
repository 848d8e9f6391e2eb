//! A year of data beside a month of it: the same company, as busy each day, and the pages that show usage.

use anyhow::{Result, ensure};

use super::wrk::{self, median};
use crate::http::{self, Encoding};
use crate::services::{postgres::Postgres, turnpike::Turnpike};

/// Of a day; a year has twelve times a month's.
const CALLS_A_DAY: u32 = 3_000;
/// A month, and a year.
const DAYS: [u32; 2] = [30, 365];
/// Overview, the calls, the keys with today's calls, budgets with what is spent of them, and the sums of a month.
const PAGES: [&str; 5] = ["/", "/usage", "/keys", "/budgets", "/api/v1/usage/summary?group_by=day"];
const ROUNDS: usize = 3;
const SECONDS: u32 = 3;

/// Measures and prints the table.
pub(crate) fn measure() -> Result<()> {
    println!("| page | database | a month | a year | ratio |\n|---|---|---|---|---|");
    for database in ["SQLite", "PostgreSQL"] {
        let mut waits = Vec::new();
        for days in DAYS {
            waits.push(waits_of(database, days)?);
        }
        for (index, page) in PAGES.into_iter().enumerate() {
            let [month, year] = [waits[0][index], waits[1][index]].map(|us| us / 1000.0);
            let page = page.split_once('?').map_or(page, |(path, _)| path);
            println!("| {page} | {database} | {month:.1} ms | {year:.1} ms | {:.2} |", year / month);
        }
    }
    Ok(())
}

/// The median wait for each page, one at a time.
fn waits_of(database: &str, days: u32) -> Result<Vec<f64>> {
    // Kept until the pages are measured.
    let postgres = (database == "PostgreSQL").then(Postgres::fresh).transpose()?;
    let settings: Vec<_> = postgres.iter().map(|postgres| ("TURNPIKE_DATABASE_URL", postgres.url())).collect();
    let (days, calls) = (days.to_string(), (days * CALLS_A_DAY).to_string());
    let turnpike = Turnpike::start_company(&["--days", &days, "--calls", &calls], &settings)?;
    let cookie = turnpike.sign_in()?;
    let headers = ["-H".to_owned(), format!("Cookie: {cookie}")];
    let mut waits = Vec::new();
    for page in PAGES {
        let answer = http::get(turnpike.address(), page, Encoding::Identity, Some(&cookie))?;
        ensure!(answer.status == 200, "{page} was answered {}", answer.status);
        let url = format!("http://{}{page}", turnpike.address());
        let mut runs = Vec::new();
        for _ in 0..ROUNDS {
            runs.push(wrk::run(None, 1, SECONDS, &headers, &url)?.median_us);
        }
        waits.push(median(runs));
    }
    Ok(waits)
}
