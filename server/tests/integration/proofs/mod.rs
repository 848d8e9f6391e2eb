//! Long proofs on the release build, driven from outside. `cargo xtask prove` runs them whole,
//! `cargo xtask test` in a short form.

mod crash;
mod limits;
mod nodes;
mod overspend;
mod program;
mod soak;
mod ssr_load;

/// How far to go, from `TURNPIKE_PROVE`.
fn is_long() -> bool {
    std::env::var("TURNPIKE_PROVE").is_ok_and(|length| length == "long")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove crash"]
async fn crash() {
    crash::prove(if is_long() { 30 } else { 5 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove overspend"]
async fn overspend() {
    overspend::prove(if is_long() { 100 } else { 20 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove nodes-crash"]
async fn nodes_crash() {
    nodes::crash(if is_long() { 30 } else { 4 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove nodes-overspend"]
async fn nodes_overspend() {
    nodes::overspend(if is_long() { 100 } else { 20 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove nodes-news"]
async fn nodes_news() {
    nodes::news(if is_long() { 200 } else { 20 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove soak"]
async fn soak() {
    soak::prove(std::time::Duration::from_secs(if is_long() { 600 } else { 6 })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove nodes-limits"]
async fn nodes_limits() {
    limits::prove(if is_long() { 60 } else { 6 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "drives the release build: cargo xtask prove ssr-load"]
async fn ssr_load() {
    ssr_load::prove(if is_long() { 20_000 } else { 2_000 }).await;
}
