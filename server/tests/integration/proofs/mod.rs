//! Long proofs on the release build, driven from outside. `cargo xtask prove` runs them whole,
//! `cargo xtask test` in a short form.

mod bulk;
mod crash;
mod limits;
mod many;
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
#[ignore = "drives the release build: cargo xtask prove bulk"]
async fn bulk() {
    bulk::on_a_file(if is_long() { 20 } else { 4 }).await;
    nodes::on_postgres(|_, url| async move { bulk::on_a_server(&url, if is_long() { 10 } else { 2 }).await }).await;
    many::on_a_file(if is_long() { 20 } else { 3 }).await;
    nodes::on_postgres(|_, url| async move { many::on_a_server(&url, if is_long() { 10 } else { 2 }).await }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "measures: TURNPIKE_BINARY=target/release/turnpike cargo test -p server --test integration -- --ignored --nocapture speed_of_bulk"]
async fn speed_of_bulk() {
    bulk::measure(program::Program::new()).await;
    nodes::on_postgres(|_, url| async move { bulk::measure(program::Program::on(&url)).await }).await;
    many::measure(program::Program::new()).await;
    nodes::on_postgres(|_, url| async move { many::measure(program::Program::on(&url)).await }).await;
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
