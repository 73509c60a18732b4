//! The write-ahead log against torn writes, damage and growth.

use std::path::Path;

use quorate_lab::live::{ClusterId, Identity, LogLoss, RunId, Storage, StorageError, Wal};
use quorate_protocol::{ClientId, Disk as _, NodeId, RequestId};
use quorate_raft::{Add, Batch, Counter, Disk, Entry, LogIndex, Membership, Payload, Position, Record, Snapshot, Term};

type Log = Wal<Disk<Counter>>;

fn entry(number: u64) -> Entry<Counter> {
    let ticket = RequestId { client: ClientId(3), number };
    Entry { term: Term(1), payload: Payload::Apply { ticket, command: Add(number as i64) } }
}

fn append(previous: u64) -> Record<Counter> {
    Record::Append { previous: LogIndex(previous), entries: Batch::of(entry(previous + 1)) }
}

/// Returns the records of a node, batch by batch.
fn batches() -> Vec<Vec<Record<Counter>>> {
    vec![
        vec![Record::Term { term: Term(1) }, Record::Vote { candidate: NodeId(1) }],
        vec![append(0), append(1)],
        vec![append(2)],
        vec![Record::Truncate { from: LogIndex(3) }, append(2)],
    ]
}

fn folded(batches: &[Vec<Record<Counter>>]) -> Disk<Counter> {
    let mut disk = Disk::default();
    batches.iter().flatten().for_each(|record| disk.apply(record));
    disk
}

fn identity() -> Identity {
    Identity { protocol: "raft".to_owned(), nodes: 1, node: NodeId(0) }
}

/// Opens a log for the run after the last one that it stores, as the only node of its cluster.
fn begun(mut log: Log) -> Result<Log, StorageError> {
    let past = log.open(&identity())?;
    let cluster = past.map_or_else(ClusterId::random, |past| past.cluster);
    let number = past.map_or(0, |past| past.run) + 1;
    log.begin(&RunId { cluster, number })?;
    Ok(log)
}

fn opened(path: &Path) -> Log {
    begun(Log::new(path)).unwrap()
}

fn load(path: &Path) -> Result<Disk<Counter>, StorageError> {
    begun(Log::new(path))?.load()
}

/// Writes the batches. Returns the length of the file after the header and after each batch.
fn write(path: &Path) -> Vec<u64> {
    stages(path).iter().map(|file| file.len() as u64).collect()
}

/// Writes the batches. Returns the content of the file after the header and after each batch.
fn stages(path: &Path) -> Vec<Vec<u8>> {
    let mut log = opened(path);
    assert_eq!(log.load().unwrap(), Disk::default());
    let mut stages = vec![std::fs::read(path).unwrap()];
    for batch in batches() {
        log.write(&batch).unwrap();
        stages.push(std::fs::read(path).unwrap());
        assert_eq!(log.length(), stages[stages.len() - 1].len() as u64);
    }
    stages
}

#[test]
fn what_was_written_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("of/its/own/n1.log");
    write(&path);
    assert_eq!(load(&path).unwrap(), folded(&batches()));
    assert_eq!(Log::read(&path).unwrap(), folded(&batches()));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("quorate-log 2\n"), "{text}");
    assert!(text.contains(r#" [{"Term":{"term":1}},{"Vote":{"candidate":"n2"}}]"#), "{text}");
}

#[test]
fn names_of_a_run_do_not_get_into_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    quorate_protocol::Names::new(["n2", "n1"], ["zoe"]).scope(|| write(&path));
    assert_eq!(load(&path).unwrap(), folded(&batches()));
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_the_log_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let stages = stages(&path);
    let whole = stages.last().unwrap();
    for (before, stage) in stages.iter().enumerate().take(batches().len()) {
        for length in stage.len()..=stages[before + 1].len() {
            // The header says what was durable before the crash; the tail was being written then.
            std::fs::write(&path, [&stage[..], &whole[stage.len()..length]].concat()).unwrap();
            let kept = before + usize::from(length == stages[before + 1].len());
            let mut log = opened(&path);
            assert_eq!(log.load().unwrap(), folded(&batches()[..kept]), "cut at byte {length}");
            assert_eq!(std::fs::metadata(&path).unwrap().len(), stages[kept].len() as u64, "cut at byte {length}");
            for batch in &batches()[kept..] {
                log.write(batch).unwrap();
            }
            drop(log);
            assert_eq!(load(&path).unwrap(), folded(&batches()), "cut at byte {length}");
        }
    }
}

#[test]
fn a_log_that_is_cut_where_it_was_durable_is_refused_and_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        if length < 14 {
            assert_eq!(
                Log::new(&path).open(&identity()).unwrap(),
                None,
                "there is nothing of a head in {length} bytes"
            );
            continue;
        }
        let error = load(&path).unwrap_err();
        let found = ends.iter().rev().find(|end| **end <= length as u64);
        match (&error, found) {
            (StorageError::LostMemory { loss: LogLoss::Cut { found, durable }, .. }, Some(end)) => {
                assert_eq!((*found, *durable), (*end, whole.len() as u64), "cut at byte {length}");
            }
            (StorageError::Corrupt { .. }, None) => {}
            _ => panic!("cut at byte {length}, and this came of it: {error}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), whole[..length], "cut at byte {length}");
        assert!(Log::read(&path).is_err(), "cut at byte {length}");
    }
}

#[test]
fn a_tail_with_a_sector_that_never_reached_the_disk_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    write(&path);
    let mut log = opened(&path);
    log.load().unwrap();
    let before = std::fs::read(&path).unwrap();
    let long: Vec<Record<Counter>> = (3..40).map(append).collect();
    log.write(&long).unwrap();
    drop(log);
    let last = before.len();
    // The file at the time when the header does not yet say that the long frame is durable.
    let whole = [&before[..], &std::fs::read(&path).unwrap()[last..]].concat();
    assert!(whole.len() > last + 3 * 512);
    for sector in (last / 512..=whole.len() / 512).map(|sector| sector * 512) {
        let mut torn = whole.clone();
        let end = (sector + 512).min(torn.len());
        torn[sector.max(last)..end].fill(0);
        std::fs::write(&path, &torn).unwrap();
        assert_eq!(load(&path).unwrap(), folded(&batches()), "the sector at {sector}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), last as u64);
    }
}

#[test]
fn damage_in_the_middle_is_refused_with_its_place_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let whole = std::fs::read(&path).unwrap();
    for at in ends[0] as usize..whole.len() - 1 {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        std::fs::write(&path, &damaged).unwrap();
        let frame = ends.iter().rev().find(|end| **end <= at as u64).unwrap();
        match load(&path) {
            Err(StorageError::Corrupt { offset, .. }) => assert_eq!(offset, *frame, "byte {at}"),
            other => panic!("byte {at} was changed, and this came of it: {other:?}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), damaged, "byte {at}");
    }
}

#[test]
fn damage_in_the_head_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..ends[0] as usize {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        std::fs::write(&path, &damaged).unwrap();
        match load(&path) {
            Err(StorageError::Corrupt { offset, .. }) => assert!((14..=at as u64).contains(&offset), "byte {at}"),
            Err(StorageError::NotALog { .. } | StorageError::OtherFormat { .. }) => assert!(at < 14, "byte {at}"),
            other => panic!("byte {at} was changed, and this came of it: {other:?}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), damaged, "byte {at}");
    }
}

#[test]
fn a_log_is_not_used_before_a_run_has_begun_on_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let mut log = Log::new(&path);
    let run = RunId { cluster: ClusterId::random(), number: 1 };
    for refused in [log.load().map(drop), log.write(&batches()[0]), log.wipe(), log.begin(&run)] {
        assert!(matches!(refused, Err(StorageError::NotBegun { .. })), "{refused:?}");
    }
    assert!(!path.exists());
}

#[test]
fn a_hole_in_the_middle_is_no_torn_tail() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let mut holed = std::fs::read(&path).unwrap();
    holed[ends[1] as usize..ends[2] as usize - 1].fill(0);
    std::fs::write(&path, &holed).unwrap();
    let error = load(&path).unwrap_err();
    assert!(error.to_string().contains(&format!("is corrupt at byte {}", ends[1])), "{error}");
}

#[test]
fn another_file_is_not_taken_for_a_log() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letter.txt");
    std::fs::write(&path, "Dear Leslie,\n").unwrap();
    let error = load(&path).unwrap_err();
    assert!(matches!(error, StorageError::NotALog { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "Dear Leslie,\n");
}

#[test]
fn a_log_that_has_grown_is_compacted_and_holds_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let mut log = begun(Log::new(&path).compacting_from(4_096)).unwrap();
    let mut disk = log.load().unwrap();
    let (mut longest, mut written) = (0, 0);
    for round in 0..2_000 {
        let mut batch = vec![append(round)];
        if round == 0 {
            batch.insert(0, Record::Term { term: Term(1) });
        }
        if round % 20 == 19 {
            let last = Position::new(round + 1, 1);
            let membership = Membership::new([NodeId(0)], []);
            let snapshot = Box::new(Snapshot { last, membership, pieces: Vec::new() });
            batch.push(Record::Snapshot { snapshot, base: Position::new(round - 2, 1) });
        }
        batch.iter().for_each(|record| disk.apply(record));
        written += serde_json::to_string(&batch).unwrap().len() as u64;
        log.write(&batch).unwrap();
        longest = longest.max(log.length());
        if round % 97 == 0 {
            assert_eq!(Log::read(&path).unwrap(), disk, "after round {round}");
        }
    }
    drop(log);
    assert_eq!(load(&path).unwrap(), disk);
    assert!(longest < 8_192 && written > 100_000, "{written} bytes were written, and the file had up to {longest}");
    let names = std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["n1.log", "n1.log.lock"], "nothing else is left lying beside it");
}

#[test]
fn a_wiped_log_is_blank() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    write(&path);
    let mut log = opened(&path);
    log.wipe().unwrap();
    assert_eq!(log.load().unwrap(), Disk::default());
    log.write(&batches()[0]).unwrap();
    drop(log);
    assert_eq!(load(&path).unwrap(), folded(&batches()[..1]));
}

#[test]
fn a_log_has_one_writer_until_it_is_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let mut first = opened(&path);
    first.load().unwrap();
    let error = begun(Log::new(&path)).unwrap_err();
    let StorageError::InUse { directory: named, .. } = &error else { panic!("{error}") };
    assert_eq!(named, directory.path());
    first.write(&batches()[0]).unwrap();
    drop(first);
    assert_eq!(load(&path).unwrap(), folded(&batches()[..1]), "what was refused has changed nothing");
}
