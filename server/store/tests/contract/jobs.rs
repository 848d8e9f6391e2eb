use std::{collections::HashSet, time::Duration};

use domain::{
    JobId, KeyId, RequestId, Timestamp, WorkerId,
    jobs::{JobState, Outcome, Progress, Reason},
};
use store::{
    Db,
    jobs::{ItemOutcome, Job, JobFilter, NewItem, SealedSecret, secret_place},
};

use crate::support::{Tenant, World};

contract! {
    every_field_comes_back
    lists_are_the_organizations_newest_first
    a_job_is_one_workers_at_a_time
    many_workers_take_each_job_once
    a_worker_that_is_gone_is_followed
    only_known_kinds_are_taken
    items_are_done_in_order
    items_are_listed_by_outcome_and_never_across_organizations
    an_undo_is_about_what_was_done
    failed_items_begin_again
    old_items_are_forgotten
    items_say_what_is_to_be_made
    secrets_are_taken_once_and_forgotten
}

const KINDS: &[&str] = &["keys.bulk"];
const LONG: Duration = Duration::from_secs(3600);

async fn every_field_comes_back(db: &Db) {
    let world = World::new(1);
    let tenant = world.tenant(db, "Acme").await;
    let undone = job(&world, &tenant);
    let full = Job {
        ip: None,
        user_agent: Some("curl/8 – 李".into()),
        state: JobState::Failed,
        total: 7,
        done: 1,
        skipped: 2,
        failed: 3,
        started_at: Some(world.now()),
        ended_at: Some(world.now()),
        worker_id: Some(WorkerId::mint(world.now(), &world.entropy)),
        attempts: 4,
        error: Some("Öl".into()),
        undoes: Some(undone.id),
        secrets_taken_at: Some(world.now()),
        ..job(&world, &tenant)
    };
    insert(db, &[&undone, &full]).await;
    let other = world.tenant(db, "Other").await;
    for one in [&undone, &full] {
        assert_eq!(get(db, &tenant, one.id).await.as_ref(), Some(one));
        let mut tx = db.begin().await.unwrap();
        assert_eq!(tx.jobs().get_for_update(tenant.organization.id, one.id).await.unwrap().as_ref(), Some(one));
        assert_eq!(tx.jobs().get_for_update(other.organization.id, one.id).await.unwrap(), None);
        tx.commit().await.unwrap();
        assert_eq!(get(db, &other, one.id).await, None);
    }
    let mut read = db.read().await.unwrap();
    assert_eq!(read.jobs().undoing(&[undone.id]).await.unwrap(), [(undone.id, full.id, JobState::Failed)]);
    assert_eq!(read.jobs().undoing(&[full.id]).await.unwrap(), []);
    assert_eq!(read.jobs().undoing(&[]).await.unwrap(), []);
    assert_eq!(full.progress(), Progress { total: 7, done: 1, skipped: 2, failed: 3 });
}

async fn lists_are_the_organizations_newest_first(db: &Db) {
    let world = World::new(2);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let mut all = Vec::new();
    for state in [JobState::Done, JobState::Waiting, JobState::Done, JobState::Cancelled] {
        let one = Job { state, ..job(&world, &tenant) };
        insert(db, &[&one, &job(&world, &other)]).await;
        all.insert(0, one.id);
    }
    let list = async |filter: JobFilter, limit| {
        let jobs = db.read().await.unwrap().jobs().list(tenant.organization.id, &filter, limit).await.unwrap();
        jobs.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(list(JobFilter::default(), 10).await, all);
    assert_eq!(list(JobFilter::default(), 2).await, all[..2]);
    assert_eq!(list(JobFilter { before: Some(all[1]), ..JobFilter::default() }, 10).await, all[2..]);
    let done = JobFilter { state: Some(JobState::Done), user: Some(tenant.owner.id), ..JobFilter::default() };
    assert_eq!(list(done, 10).await, [all[1], all[3]]);
    assert_eq!(list(JobFilter { user: Some(other.owner.id), ..JobFilter::default() }, 10).await, []);
}

async fn a_job_is_one_workers_at_a_time(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    let (first, second) = (job(&world, &tenant), job(&world, &tenant));
    assert!(!has_free(db).await);
    insert(db, &[&first, &second]).await;
    let (one, other) = (worker(&world), worker(&world));
    assert!(has_free(db).await);
    let taken = claim(db, one, LONG).await.unwrap();
    assert_eq!((taken.id, taken.state, taken.attempts, taken.worker_id), (first.id, JobState::Running, 1, Some(one)));
    assert!(taken.started_at.is_some(), "the oldest first");
    assert_eq!(claim(db, other, LONG).await.unwrap().id, second.id);
    assert_eq!(claim(db, other, LONG).await, None);
    assert!(!has_free(db).await);
    assert!(renew(db, first.id, one).await);
    assert!(!renew(db, first.id, other).await, "it is not theirs");
    let mut tx = db.begin().await.unwrap();
    tx.jobs().end(first.id, JobState::Cancelled, Some("Enough."), world.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!renew(db, first.id, one).await, "it was ended");
    let ended = get(db, &tenant, first.id).await.unwrap();
    assert_eq!((ended.state, ended.error.as_deref(), ended.worker_id), (JobState::Cancelled, Some("Enough."), None));
    assert!(ended.ended_at.is_some() && !has_free(db).await);
}

async fn many_workers_take_each_job_once(db: &Db) {
    let world = World::new(4);
    let tenant = world.tenant(db, "Acme").await;
    for _ in 0..20 {
        insert(db, &[&job(&world, &tenant)]).await;
    }
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (db, worker) = (db.clone(), worker(&world));
            tokio::spawn(async move {
                let mut mine = Vec::new();
                while let Some(job) = claim(&db, worker, LONG).await {
                    mine.push(job.id);
                }
                mine
            })
        })
        .collect();
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.await.unwrap());
    }
    assert_eq!(taken.len(), 20);
    assert_eq!(taken.iter().collect::<HashSet<_>>().len(), 20);
}

async fn a_worker_that_is_gone_is_followed(db: &Db) {
    let world = World::new(5);
    let tenant = world.tenant(db, "Acme").await;
    let only = job(&world, &tenant);
    insert(db, &[&only]).await;
    let (gone, next, third) = (worker(&world), worker(&world), worker(&world));
    let first = claim(db, gone, Duration::ZERO).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let again = claim(db, next, LONG).await.unwrap();
    assert_eq!((again.id, again.attempts, again.started_at), (only.id, 2, first.started_at), "its lease was over");
    assert!(!renew(db, only.id, gone).await, "whoever comes back late finds it lost");
    assert_eq!(release(db, Some(gone)).await, 0);
    assert_eq!(release(db, Some(next)).await, 1);
    assert_eq!(claim(db, third, LONG).await.unwrap().attempts, 3, "it was left");
    assert_eq!(release(db, None).await, 1);
    claim(db, next, LONG).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.jobs().advance(only.id, Progress { total: 0, done: 1, skipped: 2, failed: 3 }).await.unwrap();
    tx.jobs().postpone(only.id, next, LONG).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(db, third, LONG).await, None, "it is left alone for a while");
    let now = get(db, &tenant, only.id).await.unwrap();
    assert_eq!(
        (now.done, now.skipped, now.failed, now.attempts),
        (1, 2, 3, 0),
        "who gets further begins to count anew"
    );
}

async fn only_known_kinds_are_taken(db: &Db) {
    let world = World::new(6);
    let tenant = world.tenant(db, "Acme").await;
    insert(db, &[&Job { kind: "keys.paint".into(), ..job(&world, &tenant) }]).await;
    assert!(!has_free(db).await);
    assert_eq!(claim(db, worker(&world), LONG).await, None);
}

async fn items_are_done_in_order(db: &Db) {
    let world = World::new(7);
    let tenant = world.tenant(db, "Acme").await;
    let only = job(&world, &tenant);
    insert(db, &[&only]).await;
    let subjects = ids(&world, 1_203);
    add_items(db, only.id, &subjects).await;
    let mut seen = Vec::new();
    loop {
        let mut tx = db.begin().await.unwrap();
        let items = tx.jobs().next_items(only.id, 500).await.unwrap();
        let outcomes: Vec<_> = items.iter().map(|item| done(item.position)).collect();
        tx.jobs().settle_items(only.id, &outcomes, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        seen.extend(items.iter().map(|item| (item.position, item.subject)));
        if items.len() < 500 {
            break;
        }
    }
    let expected: Vec<_> = (1..).zip(subjects).collect();
    assert_eq!(seen, expected);
    assert_eq!(get(db, &tenant, only.id).await.unwrap().total, 1_203);
}

async fn items_are_listed_by_outcome_and_never_across_organizations(db: &Db) {
    let world = World::new(8);
    let (tenant, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let only = job(&world, &tenant);
    insert(db, &[&only]).await;
    let unknown = ids(&world, 1)[0];
    add_items(db, only.id, &[tenant.key.id, other.key.id, unknown]).await;
    let list = async |organization: &Tenant, outcome, after, limit| {
        let mut read = db.read().await.unwrap();
        read.jobs().items(organization.organization.id, only.id, outcome, after, limit).await.unwrap()
    };
    let names: Vec<_> = list(&tenant, None, 0, 10).await.into_iter().map(|item| item.name).collect();
    assert_eq!(names, [Some(tenant.key.name.to_string()), None, None], "another organization's names are its own");
    assert_eq!(list(&other, None, 0, 10).await, []);
    let at = world.now();
    let outcomes = [
        ItemOutcome { name: Some("as it was".into()), ..done(1) },
        ItemOutcome { outcome: Outcome::Skipped, reason: Some(Reason::NotFound), before_json: None, ..done(2) },
    ];
    let mut tx = db.begin().await.unwrap();
    tx.jobs().settle_items(only.id, &outcomes, at).await.unwrap();
    tx.commit().await.unwrap();
    let all = list(&tenant, None, 0, 10).await;
    assert_eq!(all.iter().map(|item| item.position).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(all[0].name.as_deref(), Some("as it was"));
    assert_eq!((all[0].outcome, all[0].reason, all[0].at), (Outcome::Done, None, Some(at)));
    assert_eq!((all[1].outcome, all[1].reason), (Outcome::Skipped, Some(Reason::NotFound)));
    assert_eq!((all[2].outcome, all[2].reason, all[2].at), (Outcome::Waiting, None, None));
    assert_eq!(list(&tenant, Some(Outcome::Skipped), 0, 10).await, all[1..2]);
    assert_eq!(list(&tenant, None, 1, 1).await, all[1..2]);
    assert_eq!(list(&tenant, Some(Outcome::Failed), 0, 10).await, []);
}

async fn an_undo_is_about_what_was_done(db: &Db) {
    let world = World::new(9);
    let tenant = world.tenant(db, "Acme").await;
    let undone = job(&world, &tenant);
    let undo = Job { undoes: Some(undone.id), ..job(&world, &tenant) };
    insert(db, &[&undone, &undo]).await;
    let subjects = ids(&world, 4);
    add_items(db, undone.id, &subjects).await;
    let skipped = ItemOutcome { outcome: Outcome::Skipped, reason: Some(Reason::Revoked), ..done(1) };
    let mut tx = db.begin().await.unwrap();
    tx.jobs().settle_items(undone.id, &[skipped, done(2), done(4)], world.now()).await.unwrap();
    assert_eq!(tx.jobs().insert_undoing(undo.id, undone.id).await.unwrap(), 2);
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let items = tx.jobs().next_items(undo.id, 10).await.unwrap();
    assert_eq!(items.iter().map(|i| (i.position, i.subject)).collect::<Vec<_>>(), [(1, subjects[1]), (2, subjects[3])]);
    assert_eq!(items[0].before_json.as_deref(), Some(r#"{"status":"active"}"#));
    assert_eq!(items[0].after_json.as_deref(), Some(r#"{"status":"disabled"}"#));
}

async fn failed_items_begin_again(db: &Db) {
    let world = World::new(10);
    let tenant = world.tenant(db, "Acme").await;
    let only = Job { state: JobState::Failed, failed: 1, done: 1, error: Some("x".into()), ..job(&world, &tenant) };
    insert(db, &[&only]).await;
    add_items(db, only.id, &ids(&world, 3)).await;
    let failed = ItemOutcome { outcome: Outcome::Failed, reason: Some(Reason::Broken), ..done(2) };
    let mut tx = db.begin().await.unwrap();
    tx.jobs().settle_items(only.id, &[done(1), failed], world.now()).await.unwrap();
    tx.jobs().begin_again(only.id).await.unwrap();
    let next = tx.jobs().next_items(only.id, 10).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(next.iter().map(|item| item.position).collect::<Vec<_>>(), [2, 3]);
    let now = get(db, &tenant, only.id).await.unwrap();
    assert_eq!((now.state, now.failed, now.done, now.error), (JobState::Waiting, 0, 1, None));
    assert!(has_free(db).await);
}

async fn old_items_are_forgotten(db: &Db) {
    let world = World::new(11);
    let tenant = world.tenant(db, "Acme").await;
    let old = Job { ended_at: Some(world.now()), ..job(&world, &tenant) };
    let between = world.now();
    let young = Job { ended_at: Some(world.now()), ..job(&world, &tenant) };
    let running = job(&world, &tenant);
    insert(db, &[&old, &young, &running]).await;
    for one in [&old, &young, &running] {
        add_items(db, one.id, &ids(&world, 3)).await;
    }
    let forget = async |before: Timestamp| {
        let mut tx = db.begin().await.unwrap();
        let forgotten = tx.jobs().forget_items(before).await.unwrap();
        tx.commit().await.unwrap();
        forgotten
    };
    assert!(forget(between).await && !forget(between).await);
    let mut left = Vec::new();
    for one in [&old, &young, &running] {
        let mut read = db.read().await.unwrap();
        left.push(read.jobs().items(tenant.organization.id, one.id, None, 0, 10).await.unwrap().len());
    }
    assert_eq!(left, [0, 3, 3]);
}

async fn items_say_what_is_to_be_made(db: &Db) {
    let world = World::new(12);
    let tenant = world.tenant(db, "Acme").await;
    let only = job(&world, &tenant);
    insert(db, &[&only]).await;
    let items = new_items(&world, 1_203);
    let mut tx = db.begin().await.unwrap();
    tx.jobs().insert_new(only.id, &items).await.unwrap();
    tx.jobs().insert_new(only.id, &[]).await.unwrap();
    tx.commit().await.unwrap();
    let next = db.begin().await.unwrap().jobs().next_items(only.id, 2_000).await.unwrap();
    let expected = items.iter().map(|item| (item.subject, Some(item.input_json.clone())));
    assert_eq!(
        next.iter().map(|item| (item.subject, item.input_json.clone())).collect::<Vec<_>>(),
        Vec::from_iter(expected)
    );
    assert_eq!((next[0].position, next[1_202].position, next[0].before_json.as_ref()), (1, 1_203, None));
    let mut read = db.read().await.unwrap();
    let listed = read.jobs().items(tenant.organization.id, only.id, None, 600, 1).await.unwrap();
    assert_eq!(listed[0].name.as_deref(), Some("Öl 600"), "a name is known before there is a key");
}

async fn secrets_are_taken_once_and_forgotten(db: &Db) {
    let world = World::new(13);
    let tenant = world.tenant(db, "Acme").await;
    let at = world.now();
    let [taken, over, recent, running] =
        [Some(at), Some(at), Some(world.now()), None].map(|ended_at| Job { ended_at, ..job(&world, &tenant) });
    insert(db, &[&taken, &over, &recent, &running]).await;
    let items = new_items(&world, 1_003);
    let secrets: Vec<SealedSecret> =
        (1..=1_003_i64).map(|position| SealedSecret { position, sealed: position.to_be_bytes().to_vec() }).collect();
    let mut tx = db.begin().await.unwrap();
    for one in [&taken, &over, &recent, &running] {
        tx.jobs().insert_new(one.id, &items).await.unwrap();
        tx.jobs().insert_secrets(one.id, &secrets[..3]).await.unwrap();
    }
    tx.jobs().insert_secrets(taken.id, &secrets[3..]).await.unwrap();
    let all = tx.jobs().take_secrets(taken.id, world.now()).await.unwrap();
    assert_eq!(
        all.iter().map(|s| (s.position, s.subject)).collect::<Vec<_>>(),
        Vec::from_iter((1..).zip(items.iter().map(|i| i.subject)))
    );
    assert_eq!((all[2].name.as_str(), all[2].sealed.as_slice()), ("Öl 2", secrets[2].sealed.as_slice()));
    assert_eq!(tx.jobs().take_secrets(taken.id, world.now()).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert!(get(db, &tenant, taken.id).await.unwrap().secrets_taken_at > Some(at));
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.jobs().forget_secrets(at).await.unwrap(), 3, "of the one that was over by then");
    assert_eq!(tx.jobs().forget_secrets(at).await.unwrap(), 0);
    let mut counts = tx.jobs().count_secrets(&[taken.id, over.id, recent.id, running.id]).await.unwrap();
    counts.sort_unstable();
    assert_eq!(counts, [(recent.id, 3), (running.id, 3)]);
    tx.jobs().delete_secrets(running.id).await.unwrap();
    assert_eq!(tx.jobs().count_secrets(&[running.id]).await.unwrap(), []);
    assert_eq!(tx.jobs().count_secrets(&[]).await.unwrap(), []);
    let rows = [secret_place(taken.id, 1), secret_place(taken.id, 2), secret_place(over.id, 1)].map(|place| place.row);
    assert_eq!(rows.iter().collect::<HashSet<_>>().len(), 3, "no two are sealed for the same place");
}

fn new_items(world: &World, count: usize) -> Vec<NewItem> {
    let subjects = ids(world, count).into_iter().enumerate();
    let item =
        |(n, subject)| NewItem { subject, name: format!("Öl {n}"), input_json: format!(r#"{{"name":"Öl {n}"}}"#) };
    subjects.map(item).collect()
}

fn job(world: &World, tenant: &Tenant) -> Job {
    let at = world.now();
    Job {
        id: JobId::mint(at, &world.entropy),
        organization_id: tenant.organization.id,
        kind: KINDS[0].into(),
        parameters: r#"{"type":"disable"}"#.into(),
        created_by: format!("user:{}", tenant.owner.id),
        user_id: tenant.owner.id,
        request_id: RequestId::mint(at, &world.entropy),
        ip: Some("192.0.2.7".into()),
        user_agent: None,
        state: JobState::Waiting,
        total: 0,
        done: 0,
        skipped: 0,
        failed: 0,
        created_at: at,
        started_at: None,
        ended_at: None,
        worker_id: None,
        attempts: 0,
        error: None,
        undoes: None,
        secrets_taken_at: None,
    }
}

fn done(position: i64) -> ItemOutcome {
    ItemOutcome {
        position,
        name: None,
        outcome: Outcome::Done,
        reason: None,
        before_json: Some(r#"{"status":"active"}"#.into()),
        after_json: Some(r#"{"status":"disabled"}"#.into()),
    }
}

fn worker(world: &World) -> WorkerId {
    WorkerId::mint(world.now(), &world.entropy)
}

fn ids(world: &World, count: usize) -> Vec<KeyId> {
    (0..count).map(|_| KeyId::mint(world.now(), &world.entropy)).collect()
}

async fn insert(db: &Db, jobs: &[&Job]) {
    let mut tx = db.begin().await.unwrap();
    for job in jobs {
        tx.jobs().insert(job).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn add_items(db: &Db, job: JobId, subjects: &[KeyId]) {
    let mut tx = db.begin().await.unwrap();
    tx.jobs().insert_items(job, 1, subjects).await.unwrap();
    tx.jobs().set_total(job, subjects.len() as i64).await.unwrap();
    tx.commit().await.unwrap();
}

async fn get(db: &Db, tenant: &Tenant, id: JobId) -> Option<Job> {
    db.read().await.unwrap().jobs().get(tenant.organization.id, id).await.unwrap()
}

async fn has_free(db: &Db) -> bool {
    db.read().await.unwrap().jobs().has_free(KINDS).await.unwrap()
}

async fn claim(db: &Db, worker: WorkerId, lease: Duration) -> Option<Job> {
    let mut tx = db.begin().await.unwrap();
    let job = tx.jobs().claim(worker, KINDS, lease, Timestamp::from_micros(7)).await.unwrap();
    tx.commit().await.unwrap();
    job
}

async fn renew(db: &Db, job: JobId, worker: WorkerId) -> bool {
    let mut tx = db.begin().await.unwrap();
    let renewed = tx.jobs().renew(job, worker, LONG).await.unwrap();
    tx.commit().await.unwrap();
    renewed
}

async fn release(db: &Db, worker: Option<WorkerId>) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let released = tx.jobs().release(worker).await.unwrap();
    tx.commit().await.unwrap();
    released
}
