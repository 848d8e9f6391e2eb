//! The workspace of an organization with 100,000 keys beside that of one with 1,000: filters, orders, deep
//! pages, suggestions, creating, and bulk work.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::wrk::{self, median};
use crate::http::{self, Encoding};
use crate::services::{postgres::Postgres, turnpike::Turnpike};

/// The reference, and what is measured.
const KEYS: [u32; 2] = [1_000, 100_000];
const LIST: &str = "/api/v1/keys?limit=50";
/// What is asked, and how: filters and orders in turn, so that each meets several of the others.
const QUESTIONS: [(&str, &str); 27] = [
    ("the newest", ""),
    ("by name", "&sort=name"),
    ("by cost", "&sort=-cost"),
    ("by errors", "&sort=-errors"),
    ("active, by cost", "&status=active&sort=-cost"),
    ("revoked, by last use", "&status=revoked&sort=-last_used"),
    ("unused for 90 days", "&last_used=90d..&sort=last_used"),
    ("expiring in 14 days, by name", "&expires=..14d&sort=name"),
    ("one label, by calls", "&label=service%3Dmobile&sort=-calls"),
    ("mine, by end", "&owner=me&sort=expires"),
    ("without a team", "&team=none"),
    ("1,000 calls or more, by name", "&calls=1000..&sort=name"),
    ("a word that many have", "&q=fraud&sort=name"),
    ("a word that none has", "&q=nowhere"),
    ("two words, test, by cost", "&q=mobile+eu&environment=test&sort=-cost"),
    ("a word that one has", "&q=bench-needle&sort=-cost"),
    ("a word of two letters", "&q=eu&sort=name"),
    ("by owner", "&sort=owner"),
    ("by team, the last first", "&sort=-team"),
    ("by template", "&sort=template"),
    ("revoked, by owner", "&status=revoked&sort=owner"),
    ("expiring in 14 days, by team", "&expires=..14d&sort=team"),
    ("those that may call a model, by cost", "&model=sandbox/small&sort=-cost"),
    ("those that may not, by name", "&model=!sandbox/small&sort=name"),
    ("near their budgets, by cost", "&near_limit=yes&sort=-cost"),
    ("not near their budgets", "&near_limit=no"),
    ("all words' worth", "&q=checkout&status=active&calls=1..&expires=never&sort=-cost"),
];
const SUGGESTIONS: [(&str, &str); 4] = [
    ("labels that contain a part", "/api/v1/keys/suggestions?field=label&q=mob"),
    ("owners that contain a part", "/api/v1/keys/suggestions?field=owner&q=li"),
    ("keys by name", "/api/v1/keys/suggestions?field=q&q=triage"),
    ("models that contain a part", "/api/v1/keys/suggestions?field=model&q=sm"),
];
const SECONDS: u32 = 2;
/// How many pages of 100 lie before a deep one.
const DEEP: usize = 50;
const CREATED: usize = 100;
/// In how many keys a bulk action is measured, at most.
const BULK: u64 = 10_000;

/// Measures and prints the table.
pub(crate) fn measure() -> Result<()> {
    println!("| what | database | 1,000 keys | 100,000 keys | ratio |\n|---|---|---|---|---|");
    for database in ["SQLite", "PostgreSQL"] {
        let mut measured = Vec::new();
        for keys in KEYS {
            measured.push(figures(database, keys)?);
        }
        for ((what, few), (_, many)) in measured[0].iter().zip(&measured[1]) {
            println!("| {what} | {database} | {few:.1} ms | {many:.1} ms | {:.2} |", many / few);
        }
        let medians = measured.iter().map(|of| median(of.iter().take(QUESTIONS.len()).map(|(_, ms)| *ms).collect()));
        let medians: Vec<f64> = medians.collect();
        println!(
            "| the median of all filters and orders | {database} | {:.1} ms | {:.1} ms | |",
            medians[0], medians[1]
        );
    }
    Ok(())
}

/// Milliseconds by what was asked.
fn figures(database: &str, keys: u32) -> Result<Vec<(String, f64)>> {
    // Kept until all is measured.
    let postgres = (database == "PostgreSQL").then(Postgres::fresh).transpose()?;
    let settings: Vec<_> = postgres.iter().map(|postgres| ("TURNPIKE_DATABASE_URL", postgres.url())).collect();
    let turnpike = Turnpike::start_company(&["--keys", &keys.to_string(), "--calls", "60000"], &settings)?;
    let api = Api { address: turnpike.address(), cookie: turnpike.sign_in()? };
    let mut figures = Vec::new();
    for (what, query) in QUESTIONS {
        figures.push((what.to_owned(), api.median(&format!("{LIST}{query}"))?));
    }
    for sort in ["name", "-cost", "owner"] {
        let path = format!("/api/v1/keys?sort={sort}&limit=50&cursor={}", api.deep(sort)?);
        figures.push((format!("a page behind {} others, {sort}", DEEP * 2), api.median(&path)?));
    }
    for (what, path) in SUGGESTIONS {
        figures.push((what.to_owned(), api.median(path)?));
    }
    figures.push(("the page of keys".to_owned(), api.median("/keys?view=all")?));
    let (usual, longest) = api.create()?;
    figures.push(("making a key".to_owned(), usual));
    figures.push((format!("the longest of {CREATED}"), longest));
    let (count, took) = api.revoke_many()?;
    ensure!(keys == KEYS[0] || count == BULK, "there are not enough keys to revoke");
    figures.push(("revoking all active keys at once, 10,000 at most".to_owned(), took));
    Ok(figures)
}

/// The management API, as a signed-in browser calls it.
struct Api<'a> {
    address: &'a str,
    cookie: String,
}

impl Api<'_> {
    fn get(&self, path: &str) -> Result<Value> {
        let answer = http::get(self.address, path, Encoding::Identity, Some(&self.cookie))?;
        ensure!(answer.status == 200, "{path} was answered {}", answer.status);
        serde_json::from_slice(&answer.body).with_context(|| format!("{path} was not answered with JSON"))
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = http::post_json(self.address, path, &self.cookie, &body.to_string())?;
        ensure!((200..300).contains(&answer.status), "{path} was answered {}", answer.status);
        serde_json::from_slice(&answer.body).with_context(|| format!("{path} was not answered with JSON"))
    }

    /// The median wait, one question at a time.
    fn median(&self, path: &str) -> Result<f64> {
        let answer = http::get(self.address, path, Encoding::Identity, Some(&self.cookie))?;
        ensure!(answer.status == 200, "{path} was answered {}", answer.status);
        let headers = ["-H".to_owned(), format!("Cookie: {}", self.cookie)];
        let url = format!("http://{}{path}", self.address);
        Ok(wrk::run(None, 1, SECONDS, &headers, &url)?.median_us / 1_000.0)
    }

    /// The cursor of a deep page, or of the last one.
    fn deep(&self, sort: &str) -> Result<String> {
        let mut cursor = String::new();
        for _ in 0..DEEP {
            let page = self.get(&format!("/api/v1/keys?sort={sort}&limit=100&cursor={cursor}"))?;
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = next.replace(' ', "%20");
        }
        Ok(cursor)
    }

    /// The median and the longest wait for a new key.
    fn create(&self) -> Result<(f64, f64)> {
        let mut waits = Vec::new();
        for n in 0..CREATED {
            let new = serde_json::json!({"name": format!("bench-{n}"), "environment": "test", "labels": {"n": "1"}});
            let begun = Instant::now();
            self.post("/api/v1/keys", &new)?;
            waits.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        let longest = waits.iter().copied().fold(0.0, f64::max);
        Ok((median(waits), longest))
    }

    /// Revokes as many keys as are measured, and says how many that were and how long it took.
    fn revoke_many(&self) -> Result<(u64, f64)> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        while (ids.len() as u64) < BULK {
            let page = self.get(&format!("/api/v1/keys?status=active&limit=100&cursor={cursor}"))?;
            ids.extend(page["data"].as_array().into_iter().flatten().map(|key| key["id"].clone()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = next.to_owned();
        }
        let begun = Instant::now();
        let job = self.post("/api/v1/keys/bulk", &serde_json::json!({"action": {"type": "revoke"}, "ids": ids}))?;
        let path = format!("/api/v1/jobs/{}", job["id"].as_str().context("the job has no id")?);
        while begun.elapsed() < Duration::from_secs(120) {
            let job = self.get(&path)?;
            if job["state"] == "done" {
                ensure!(job["progress"]["done"] == ids.len(), "not every key was revoked: {job}");
                return Ok((ids.len() as u64, begun.elapsed().as_secs_f64() * 1_000.0));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the job did not end")
    }
}
