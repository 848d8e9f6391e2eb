//! Page renders with clients hanging up cause no panic.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::Upstream;

use super::program::Program;

const CLIENTS: usize = 48;

pub(super) async fn prove(pages: usize) {
    let mut program = Program::new();
    let printed = program.run("demo", &["--keys", "60", "--calls", "2000"]);
    let password = printed.trim().rsplit(' ').next().unwrap();
    program.start().await;
    let cookie = sign_in(&program, "mara@acme.example", password).await;
    let began = Instant::now();
    let load: Vec<_> = (0..CLIENTS).map(|n| tokio::spawn(visit(&program, &cookie, n, pages / CLIENTS))).collect();
    let mut whole = 0;
    for client in load {
        whole += client.await.unwrap();
    }
    println!("{pages} page loads in {:.1} s, {whole} of them to their end", began.elapsed().as_secs_f64());
    assert!(whole > 0, "no page was loaded to its end");
    assert!(program.is_running(), "the server ended:\n{}", program.log());
    assert!(!program.log().contains("panicked"), "{}", program.log());
}

async fn sign_in(program: &Program, email: &str, password: &str) -> String {
    let form = format!("email={}&password={password}", email.replace('@', "%40"));
    let request = Request::post(program.url("/fn/sign_in")).header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = program.send(request.body(Full::new(Bytes::from(form))).unwrap()).await.unwrap();
    let cookie =
        response.headers().get(header::SET_COOKIE).unwrap_or_else(|| panic!("not signed in: {}", response.status()));
    cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// Loads pages one after another; of three, one to its end, one cut off in the middle, one left
/// before it begins. Answers how many came to their end.
fn visit(program: &Program, cookie: &str, client: usize, times: usize) -> impl Future<Output = usize> + use<> {
    let (upstream, cookie) = (program.client(), cookie.to_owned());
    let urls = ["/keys", "/", "/usage", "/tokens", "/connections"].map(|path| program.url(path));
    async move {
        let mut whole = 0;
        for turn in 0..times {
            let load = load(&upstream, &urls[turn % urls.len()], &cookie, (client + turn) % 3 == 1);
            match (client + turn) % 3 {
                0 => drop(tokio::time::timeout(Duration::from_millis(1 + turn as u64 % 7), load).await),
                _ => whole += usize::from(load.await),
            }
        }
        whole
    }
}

/// Loads a page, or only its beginning; says whether it came to its end.
async fn load(upstream: &Upstream, url: &str, cookie: &str, hang_up: bool) -> bool {
    let request = Request::get(url).header(header::COOKIE, cookie).body(Full::default()).unwrap();
    let Ok(response) = upstream.send(request).await else { return false };
    assert!(response.status().is_success(), "{url}: {}", response.status());
    if hang_up {
        return false;
    }
    let Ok(page) = response.into_body().collect().await else { return false };
    // Scripts that carry the page's data may follow the document.
    page.to_bytes().windows(7).any(|end| end == b"</html>")
}
