use std::{fs, path::Path};

use domain::{
    ConnectionId, Entropy, EventId, KeyId, ModelId, Money, OrganizationId, PriceId, RequestId, Timestamp,
    catalog::Provider,
    keys::{Environment, Labels},
    usage::{Attribution, CallStatus, Endpoint, Outcome, Service, Target, Timings, TokenUsage, UsageEvent},
};
use proptest::prelude::*;

use super::{segment::HEADER, *};
use crate::settings::Sync;

fn started(n: u8) -> Started {
    let (now, entropy) = (Timestamp::from_micros(i64::from(n)), Entropy::new(move |out| out.fill(n)));
    Started {
        id: EventId::mint(now, &entropy),
        request_id: RequestId::mint(now, &entropy),
        client_request_id: Some("theirs".into()),
        at: now,
        environment: Environment::Test,
        service: Service::Ai,
        endpoint: Endpoint::ChatCompletions,
        attribution: Attribution {
            organization: OrganizationId::mint(now, &entropy),
            team: None,
            parent_team: None,
            user: None,
            key: KeyId::mint(now, &entropy),
            labels: Labels::default(),
        },
        target: Target {
            provider: Provider::Sandbox,
            connection: ConnectionId::mint(now, &entropy),
            model: ModelId::mint(now, &entropy),
            requested_model: "small".into(),
            actual_model: "small".into(),
        },
        price: PriceId::mint(now, &entropy),
        held: Money::from_nanos(7),
    }
}

fn settled(n: u8) -> UsageEvent {
    started(n).settled(Settlement {
        usage: TokenUsage::new(u64::MAX, 5, 6, u64::MAX, 7),
        estimated: true,
        cost: Money::from_nanos(i64::MAX),
        outcome: Outcome {
            status: CallStatus::Interrupted,
            http_status: 599,
            error_code: Some("e".repeat(64)),
            attempts: u32::MAX,
        },
        timings: Timings { first_byte_us: Some(u64::MAX), total_us: u64::MAX },
    })
}

fn open(dir: &Path, settings: JournalSettings) -> Journal {
    Journal::begin(dir, lock(dir).unwrap(), 1, settings).unwrap()
}

fn small() -> JournalSettings {
    JournalSettings { segment_bytes: 300 << 10, max_bytes: 1200 << 10, sync: Sync::Never }
}

fn read_all(dir: &Path) -> Vec<Record> {
    list(dir).unwrap().iter().flat_map(|(_, path)| read(path).unwrap().records).collect()
}

/// The bytes of one segment with three records, and where each begins.
fn three_records() -> (Vec<u8>, Vec<usize>) {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    let mut starts = vec![HEADER];
    for n in 1..=3 {
        starts.push(starts[n - 1] + record::started_frame(&started(n as u8)).len());
        journal.start(&started(n as u8)).unwrap();
    }
    journal.flush();
    (fs::read(dir.path().join("000000000001.journal")).unwrap(), starts)
}

fn read_bytes(bytes: &[u8]) -> Reading {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    read(file.path()).unwrap()
}

#[test]
fn what_was_written_is_read_in_order_and_as_often_as_one_likes() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    let ticket = journal.start(&started(1)).unwrap();
    journal.start(&started(2)).unwrap();
    let hold = journal.settle(ticket, &settled(1));
    assert!(read_all(dir.path()).is_empty(), "written together");
    journal.flush();
    assert_eq!(hold.location().unwrap().read().unwrap(), settled(1));
    let expected = vec![
        Record::Started(Box::new(started(1))),
        Record::Started(Box::new(started(2))),
        Record::Settled(Box::new(settled(1))),
    ];
    assert_eq!(read_all(dir.path()), expected);
    assert_eq!(read_all(dir.path()), expected);
}

#[test]
fn what_one_file_refuses_is_written_into_the_next_and_read_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    let ticket = journal.start(&started(1)).unwrap();
    journal.written(&ticket).unwrap();
    let good = journal.shared.lock().current.clone();
    journal.shared.lock().current = Arc::new(Segment::unwritable(dir.path(), 900, 300 << 10));
    let broken = journal.shared.lock().current.clone();
    let second = journal.start(&started(2)).unwrap();
    journal.written(&second).unwrap();
    let later = journal.start(&started(3)).unwrap();
    let hold = journal.settle(second, &settled(2));
    journal.written(&later).unwrap();
    assert_eq!(hold.location().unwrap().read().unwrap(), settled(2));
    let copies = read_all(dir.path());
    assert_eq!(copies.last(), Some(&Record::Settled(Box::new(settled(2)))), "a later process finds it");
    assert!(copies.contains(&Record::Started(Box::new(started(2)))));
    let copy = journal.shared.lock().current.clone();
    let before = copy.open.load(Ordering::Relaxed);
    journal.release([hold]);
    assert_eq!(broken.open.load(Ordering::Relaxed), 0);
    assert_eq!(copy.open.load(Ordering::Relaxed), before - 2, "the settlement, and the copy of its admission");
    assert_eq!(good.open.load(Ordering::Relaxed), 1);
}

#[test]
fn a_call_that_nothing_can_be_written_of_is_refused_and_claims_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    {
        let mut state = journal.shared.lock();
        state.current = Arc::new(Segment::unwritable(dir.path(), 900, 300 << 10));
        for spare in 0..4 {
            let broken = Segment::unwritable(dir.path(), 901 + spare, 300 << 10);
            state.spares.push_front(Arc::new(broken));
        }
    }
    let (one, other) = (journal.start(&started(1)).unwrap(), journal.start(&started(2)).unwrap());
    let segment = one.segment.clone();
    assert_eq!(journal.written(&one), Err(Full));
    assert_eq!(journal.written(&other), Err(Full), "it was part of the same write");
    journal.withdraw(one);
    // Whose answer is on its way all the same is settled from memory.
    let hold = journal.settle(other, &settled(2));
    journal.flush();
    assert_eq!(hold.location().unwrap().read().unwrap(), settled(2));
    journal.release([hold]);
    assert_eq!(segment.open.load(Ordering::Relaxed), 0);
    assert_eq!(journal.shared.lock().reserved, 0);
}

#[test]
fn the_longest_settlement_fits_the_room_that_was_reserved_for_it() {
    let room = record::started_frame(&started(1)).len() as u64 + SETTLEMENT_EXTRA;
    assert!(record::settled_frame(&record::started_frame(&started(1)), &settled(1)).len() as u64 <= room);
}

#[test]
fn records_are_written_as_json_would_write_them() {
    let frame = record::started_frame(&started(1));
    let parsed: serde_json::Value = serde_json::from_slice(&frame[record::FRAME..]).unwrap();
    assert_eq!(parsed, serde_json::json!({"started": started(1)}));
    let settled_frame = record::settled_frame(&frame, &settled(1));
    let mut parsed: serde_json::Value = serde_json::from_slice(&settled_frame[record::FRAME..]).unwrap();
    // It begins as its admission does, with what was held, which an event has no use for.
    assert_eq!(parsed["settled"].as_object_mut().unwrap().remove("held"), Some("0.000000007".into()));
    assert_eq!(parsed, serde_json::json!({"settled": settled(1)}));
}

#[test]
fn calls_are_refused_before_the_room_for_those_in_flight_runs_out() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), small());
    let mut tickets = Vec::new();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // Four files fit. A refusal may only mean that the next one is being made, so ask again.
    while list(dir.path()).unwrap().len() < 4 || tickets.len() < 500 {
        match journal.start(&started(7)) {
            Ok(ticket) => tickets.push(ticket),
            Err(Full) => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
        assert!(std::time::Instant::now() < deadline, "{} admitted", tickets.len());
    }
    while let Ok(ticket) = journal.start(&started(7)) {
        tickets.push(ticket);
    }
    assert!(journal.bytes() <= 1200 << 10);
    let mut holds: Vec<_> = tickets.into_iter().map(|ticket| journal.settle(ticket, &settled(7))).collect();
    // What was reserved and not needed serves some more calls, and then there is no room at all.
    while let Ok(ticket) = journal.start(&started(7)) {
        holds.push(journal.settle(ticket, &settled(7)));
    }
    assert!(holds.iter().all(|hold| hold.location().is_some()), "a reserved settlement had no room");

    journal.release(holds);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while journal.start(&started(7)).is_err() {
        assert!(std::time::Instant::now() < deadline, "space never came back");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn files_go_when_all_in_them_is_committed_and_stay_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), JournalSettings { max_bytes: 30 << 20, ..small() });
    let open_call = journal.start(&started(1)).unwrap();
    let first = dir.path().join("000000000001.journal");
    let second = dir.path().join("000000000002.journal");
    while !dir.path().join("000000000004.journal").exists() {
        if let Ok(ticket) = journal.start(&started(2)) {
            let hold = journal.settle(ticket, &settled(2));
            journal.release([hold]);
        }
    }
    let gone = |path: &Path| {
        (0..2000).any(|_| {
            !path.exists() || {
                std::thread::sleep(std::time::Duration::from_millis(5));
                false
            }
        })
    };
    assert!(gone(&second));
    assert!(first.exists(), "a call in it is still open");
    let hold = journal.settle(open_call, &settled(1));
    journal.release([hold]);
    assert!(gone(&first));
}

#[test]
fn a_second_process_is_kept_out_and_an_unwritable_directory_refused() {
    let dir = tempfile::tempdir().unwrap();
    let held = lock(dir.path()).unwrap();
    assert!(matches!(lock(dir.path()), Err(OpenError::InUse { .. })));
    drop(held);
    let file = dir.path().join("a file");
    fs::write(&file, "").unwrap();
    assert!(matches!(lock(&file.join("journal")), Err(OpenError::Unwritable { .. })));
}

#[test]
fn a_newer_journal_is_refused_with_a_sentence() {
    let (mut bytes, _) = three_records();
    bytes[6] = 2;
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &bytes).unwrap();
    let refusal = read(file.path()).unwrap_err().to_string();
    assert!(refusal.contains("newer Turnpike") && refusal.contains("version 2"), "{refusal}");
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    let mut json = serde_json::json!({"started": started(1)});
    json["started"]["added_later"] = serde_json::json!({"a": [1]});
    let record: Record = serde_json::from_value(json).unwrap();
    assert_eq!(record, Record::Started(Box::new(started(1))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_cut_tail_loses_only_the_record_it_cuts(cut in 0usize..2000) {
        let (bytes, starts) = three_records();
        let end = starts[3];
        let cut = HEADER + cut % (end - HEADER);
        let whole = starts.iter().filter(|start| **start <= cut).count() - 1;
        let at_boundary = starts.contains(&cut);
        // Cut off, or never written: the file is allocated ahead and full of zeros.
        let mut zeroed = bytes.clone();
        zeroed[cut..].fill(0);
        for torn in [&bytes[..cut], &zeroed[..]] {
            let reading = read_bytes(torn);
            prop_assert_eq!(reading.records.len(), whole);
            prop_assert!(reading.damage.is_empty());
            prop_assert_eq!(reading.torn.is_some(), !at_boundary);
        }
    }

    #[test]
    fn a_changed_byte_is_noticed_and_costs_only_its_record(at in 0usize..2000, flip in 1u8..=255) {
        let (mut bytes, starts) = three_records();
        let at = HEADER + at % (starts[3] - HEADER);
        let hit = starts.iter().rposition(|start| *start <= at).unwrap();
        bytes[at] ^= flip;
        let reading = read_bytes(&bytes);
        let expected: Vec<_> = (0..3).filter(|n| *n != hit)
            .map(|n| Record::Started(Box::new(started(n as u8 + 1)))).collect();
        prop_assert_eq!(reading.records, expected);
        let place = reading.damage.first().copied().or(reading.torn);
        prop_assert_eq!(place, Some(starts[hit]));
    }
}
