//! The write-ahead log against torn writes, damage and growth.

use std::path::Path;

use quorate_lab::live::{Storage, StorageError, Wal};
use quorate_protocol::{ClientId, Disk as _, NodeId, Ticket};
use quorate_raft::{Add, Batch, Counter, Disk, Entry, LogIndex, Membership, Payload, Position, Record, Snapshot, Term};

type Log = Wal<Disk<Counter>>;

fn entry(number: u64) -> Entry<Counter> {
    let ticket = Ticket { client: ClientId(3), number };
    Entry { term: Term(1), payload: Payload::Apply { ticket, command: Add(number as i64) } }
}

fn append(previous: u64) -> Record<Counter> {
    Record::Append { previous: LogIndex(previous), entries: Batch::of(entry(previous + 1)) }
}

/// What some node wrote, batch by batch.
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
    batches.iter().flatten().for_each(|record| disk.write(record));
    disk
}

/// Writes the batches; returns where each ends in the file, the header first.
fn write(path: &Path) -> Vec<u64> {
    let mut log = Log::new(path);
    assert_eq!(log.load().unwrap(), Disk::default());
    let mut ends = vec![log.length()];
    for batch in batches() {
        log.write(&batch).unwrap();
        ends.push(log.length());
    }
    ends
}

#[test]
fn what_was_written_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("of/its/own/n1.log");
    write(&path);
    assert_eq!(Log::new(&path).load().unwrap(), folded(&batches()));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("quorate-log 1\n"), "{text}");
    assert!(text.contains(r#" [{"Term":{"term":1}},{"Vote":{"candidate":"n2"}}]"#), "{text}");
}

#[test]
fn names_of_a_run_do_not_get_into_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    quorate_protocol::Names::new(["n2", "n1"], ["zoe"]).scope(|| write(&path));
    assert_eq!(Log::new(&path).load().unwrap(), folded(&batches()));
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_the_log_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let kept = ends.iter().rposition(|end| *end <= length as u64).unwrap_or(0);
        let mut log = Log::new(&path);
        assert_eq!(log.load().unwrap(), folded(&batches()[..kept]), "cut at byte {length}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), ends[kept], "cut at byte {length}");
        for batch in &batches()[kept..] {
            log.write(batch).unwrap();
        }
        drop(log);
        assert_eq!(Log::new(&path).load().unwrap(), folded(&batches()), "cut at byte {length}");
    }
}

#[test]
fn a_tail_with_a_sector_that_never_reached_the_disk_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let mut log = Log::new(&path);
    log.load().unwrap();
    let long: Vec<Record<Counter>> = (3..40).map(append).collect();
    log.write(&long).unwrap();
    drop(log);
    let whole = std::fs::read(&path).unwrap();
    let last = ends[4] as usize;
    assert!(whole.len() > last + 3 * 512);
    for sector in (last / 512..=whole.len() / 512).map(|sector| sector * 512) {
        let mut torn = whole.clone();
        let end = (sector + 512).min(torn.len());
        torn[sector.max(last)..end].fill(0);
        std::fs::write(&path, &torn).unwrap();
        assert_eq!(Log::new(&path).load().unwrap(), folded(&batches()), "the sector at {sector}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), ends[4]);
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
        match Log::new(&path).load() {
            Err(StorageError::Corrupt { offset, .. }) => assert_eq!(offset, *frame, "byte {at}"),
            other => panic!("byte {at} was changed, and this came of it: {other:?}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), damaged, "byte {at}");
    }
}

#[test]
fn a_hole_in_the_middle_is_no_torn_tail() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let ends = write(&path);
    let mut holed = std::fs::read(&path).unwrap();
    holed[ends[1] as usize..ends[2] as usize - 1].fill(0);
    std::fs::write(&path, &holed).unwrap();
    let error = Log::new(&path).load().unwrap_err();
    assert!(error.to_string().contains(&format!("is damaged at byte {}", ends[1])), "{error}");
}

#[test]
fn another_file_is_not_taken_for_a_log() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("letter.txt");
    std::fs::write(&path, "Dear Leslie,\n").unwrap();
    let error = Log::new(&path).load().unwrap_err();
    assert!(matches!(error, StorageError::NotALog { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "Dear Leslie,\n");
}

#[test]
fn a_log_that_has_grown_is_compacted_and_holds_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let mut log = Log::new(&path).compacting_from(4_096);
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
        batch.iter().for_each(|record| disk.write(record));
        written += serde_json::to_string(&batch).unwrap().len() as u64;
        log.write(&batch).unwrap();
        longest = longest.max(log.length());
        if round % 97 == 0 {
            let copy = directory.path().join("copy.log");
            std::fs::copy(&path, &copy).unwrap();
            assert_eq!(Log::new(&copy).load().unwrap(), disk, "after round {round}");
        }
    }
    drop(log);
    assert_eq!(Log::new(&path).load().unwrap(), disk);
    assert!(longest < 8_192 && written > 100_000, "{written} bytes were written, and the file had up to {longest}");
    let names = std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["copy.log", "copy.log.lock", "n1.log", "n1.log.lock"], "nothing else is left lying beside it");
}

#[test]
fn a_wiped_log_is_blank() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    write(&path);
    let mut log = Log::new(&path);
    log.wipe().unwrap();
    log.write(&batches()[0]).unwrap();
    drop(log);
    assert_eq!(Log::new(&path).load().unwrap(), folded(&batches()[..1]));
}

#[test]
fn a_log_has_one_writer_until_it_is_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n1.log");
    let mut first = Log::new(&path);
    first.load().unwrap();
    let mut second = Log::new(&path);
    for refused in [second.load().map(drop), second.write(&batches()[0]), second.wipe()] {
        let error = refused.unwrap_err();
        let StorageError::InUse { directory: named, .. } = &error else { panic!("{error}") };
        assert_eq!(named, directory.path());
    }
    first.write(&batches()[0]).unwrap();
    drop(first);
    assert_eq!(second.load().unwrap(), folded(&batches()[..1]), "what was refused has changed nothing");
}
