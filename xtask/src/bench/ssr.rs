//! The portal's Keys page of a company with 60 keys, rendered on the server for someone who is
//! signed in. It shows the 50 newest.
//!
//! The load generator and the server share the machine as they like; the generator has little to
//! do. There is no reference: the goal is a number of pages.

use anyhow::{Context, Result, ensure};

use super::wrk::{self, median};
use crate::http::{self, Encoding};
use crate::services::turnpike::Turnpike;

const KEYS: u32 = 60;
const ROWS: usize = 50;
const PAGE: &str = "/keys";
const CONNECTIONS: u32 = 16;
const ROUNDS: usize = 5;
const SECONDS: u32 = 8;
/// What should be reached.
const GOAL: f64 = 300.0;

/// Measures and prints the table.
pub(crate) fn measure() -> Result<()> {
    let turnpike = Turnpike::start_demo(KEYS)?;
    let cookie = turnpike.sign_in()?;
    let page = http::get(turnpike.address(), PAGE, Encoding::Identity, Some(&cookie))?;
    let text = String::from_utf8(page.body).context("the page is not UTF-8")?;
    // The table's head is a row too.
    let rows = text.matches("<tr").count().saturating_sub(1);
    ensure!(page.status == 200 && rows >= ROWS, "{PAGE} was answered {} with {rows} rows", page.status);
    let url = format!("http://{}{PAGE}", turnpike.address());
    let headers = ["-H".to_owned(), format!("Cookie: {cookie}")];
    wrk::run(None, CONNECTIONS, 2, &headers, &url)?;
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        runs.push(wrk::run(None, CONNECTIONS, SECONDS, &headers, &url)?);
    }
    let [pages, wait] = [
        median(runs.iter().map(|run| run.per_second).collect()),
        median(runs.iter().map(|run| run.median_us).collect()) / 1000.0,
    ];
    let size = text.len() as f64 / 1000.0;
    println!("| figure | measured | goal |\n|---|---|---|");
    println!("| Keys pages a second ({rows} rows, {size:.0} KB), {CONNECTIONS} connections | {pages:.0} | ≥ {GOAL} |");
    println!("| median wait for one of them | {wait:.1} ms | |");
    Ok(())
}
