//! Golden tests of the renderers. The expected output here is the specification.

use super::*;
use crate::trace::Document;

/// Trace with every kind of event, most of them unusual.
pub(super) const ONE_OF_EACH: &str = include_str!("one_of_each.jsonl");

pub(super) fn read(file: &str) -> Document {
    Document::read_jsonl(file.as_bytes()).unwrap()
}

pub(super) fn wide(width: usize) -> Options {
    Options { width, ..Options::default() }
}

pub(super) fn everything(width: usize) -> Options {
    Options { width, why: true, sends: true, timers: true, state: true, ..Options::default() }
}

/// Compares line by line, so that a failure shows the first difference.
pub(super) fn assert_picture(picture: &str, expected: &str) {
    let expected = expected.strip_prefix('\n').unwrap_or(expected);
    for (line, (found, expected)) in picture.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {} of\n{picture}", line + 1);
    }
    assert_eq!(picture.lines().count(), expected.lines().count(), "\n{picture}");
}

#[test]
fn the_log_tells_what_happens() {
    let picture = log(&read(ONE_OF_EACH), wide(90));
    assert_picture(
        &picture,
        "
A client asks A for 8.

    1.0 ms  c1 ──Propose────────▶ A   value 8
    1.0 ms  network duplicates Prepare from A to X
    1.0 ms  A ───Prepare────────▶ A   ballot 1.A
    2.5 ms  A ───Prepare────────▶ X   ballot 1.A
            X   fact Promised: ballot 1.A
    3.0 ms  A ───Prepare────────▶ X   ballot 1.A  (a copy)
    4.0 ms  Y   crashes; 2 records were not yet durable and are lost
    4.2 ms  A ───Prepare────────╳ Y   ballot 1.A  (lost, Y is down)
    4.5 ms  X ───Promise────────╳ A   ballot 1.A, accepted none  (lost, the link is cut)
    5.0 ms  network splits: A | X Y
    6.0 ms  network heals
    6.0 ms  network: A no longer reaches X
    7.0 ms  network: A reaches X again
    8.0 ms  Y   restarts (incarnation 2)
    9.0 ms  A   has a clock that runs 200 ppm fast
    9.0 ms  A   has its clock set back by 90.0 s
   10.0 ms  X   pauses
   20.0 ms  A   timer Retry fires
   21.0 ms  X   resumes after 11.0 ms
   21.0 ms  A ───Prepare────────▶ Y   ballot 2.A
   30.0 ms  A ───Prepare────────▶ Y   ballot 2.A  (overtaken, sent at 20.0 ms)
   50.0 ms  c1  gets no reply to request 1 and retries
   51.0 ms  c1 ──Propose────────▶ A   value 8  (retry)
   52.0 ms  c1  gets no reply to request 1 and gives up
   53.0 ms  Y ───Chosen─────────▶ c1  value 8
                                      (slow, sent at 30.0 ms; too late, c1 no longer
                                      waits)
   54.0 ms  A   forges Accept to Y: value 9, was 8
   54.0 ms  ━━ BROKEN: AtMostOneChosen ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
            ballot 1.A chose 8 and ballot 2.A chose 9, but what is chosen stays chosen for
            ever

The story ends here, because an invariant is broken, and it ends with a sentence that is
too long for a line of eighty columns.

 in flight  Accept from A to Y, sent at 54.0 ms
",
    );
}

#[test]
fn the_log_gives_reasons_if_asked() {
    let picture = log(&read(ONE_OF_EACH), everything(90));
    assert_picture(
        &picture,
        "
    0.0 ms  A   starts

A client asks A for 8.

    0.0 ms  c1  sends Propose to A: value 8
            c1  arms timer Timeout, to fire at 50.0 ms
    1.0 ms  c1 ──Propose────────▶ A   value 8
            A   sends Prepare to X, Y, A: ballot 1.A
            A   arms timer Retry, to fire at 20.0 ms
    1.0 ms  network duplicates Prepare from A to X
    1.0 ms  A ───Prepare────────▶ A   ballot 1.A
    2.5 ms  A ───Prepare────────▶ X   ballot 1.A
            X   because PromiseHigher (Paxos Made Simple §2.2, phase 1b)
                  1.A is above every ballot promised: there is none
            X   persists Promised: ballot 1.A
            X   sends Promise to A: ballot 1.A, accepted none
            X   fact Promised: ballot 1.A
            X   now has promised 1.A
    3.0 ms  A ───Prepare────────▶ X   ballot 1.A  (a copy)
            X   because Unlisted
    4.0 ms  Y   crashes; 2 records were not yet durable and are lost
    4.2 ms  A ───Prepare────────╳ Y   ballot 1.A  (lost, Y is down)
    4.5 ms  X ───Promise────────╳ A   ballot 1.A, accepted none  (lost, the link is cut)
    5.0 ms  network splits: A | X Y
    6.0 ms  network heals
    6.0 ms  network: A no longer reaches X
    7.0 ms  network: A reaches X again
    8.0 ms  Y   restarts (incarnation 2)
    9.0 ms  A   has a clock that runs 200 ppm fast
    9.0 ms  A   has its clock set back by 90.0 s
   10.0 ms  X   pauses
   20.0 ms  A   timer Retry fires
            A   sends Prepare to Y, Y: ballot 2.A
   21.0 ms  X   resumes after 11.0 ms
   21.0 ms  A ───Prepare────────▶ Y   ballot 2.A
   30.0 ms  A ───Prepare────────▶ Y   ballot 2.A  (overtaken, sent at 20.0 ms)
   50.0 ms  c1  gets no reply to request 1 and retries
            c1  sends Propose to A: value 8
   51.0 ms  c1 ──Propose────────▶ A   value 8  (retry)
   52.0 ms  c1  gets no reply to request 1 and gives up
   53.0 ms  Y ───Chosen─────────▶ c1  value 8
                                      (slow, sent at 30.0 ms; too late, c1 no longer
                                      waits)
   54.0 ms  A   sends Accept to Y: ballot 2.A, value 8
   54.0 ms  A   forges Accept to Y: value 9, was 8
   54.0 ms  ━━ BROKEN: AtMostOneChosen ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
            ballot 1.A chose 8 and ballot 2.A chose 9, but what is chosen stays chosen for
            ever

The story ends here, because an invariant is broken, and it ends with a sentence that is
too long for a line of eighty columns.

 in flight  Accept from A to Y, sent at 54.0 ms
",
    );
}

#[test]
fn lanes_draw_what_happens() {
    let picture = lanes(&read(ONE_OF_EACH), wide(90)).unwrap();
    assert_picture(
        &picture,
        "
           c1         A          X          Y
           │          │          │          │
A client asks A for 8.
           │          │          │          │
    1.0 ms ├─Propose─▶│          │          │   value 8
           │          │          │          │   network duplicates Prepare from A to X
           │          ●          │          │   Prepare ballot 1.A  (to itself)
    2.5 ms │          ├─Prepare─▶│          │   ballot 1.A
           │          │          ●          │   X fact Promised: ballot 1.A
    3.0 ms │          ├─Prepare─▶│          │   ballot 1.A  (a copy)
    4.0 ms │          │          │          ╳   Y crashes; 2 records were not yet durable
           │          │          │              and are lost
    4.2 ms │          ├─Prepare──┼─────────╳    ballot 1.A  (lost, Y is down)
    4.5 ms │          │╳─Promise─┤              ballot 1.A, accepted none
           │          │          │              lost, the link is cut
    5.0 ms │╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌╌   network splits: A | X Y
    6.0 ms │╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌╌   network heals
           │          │          │              network: A no longer reaches X
    7.0 ms │          │          │              network: A reaches X again
    8.0 ms │          │          │          ●   Y restarts (incarnation 2)
    9.0 ms │          ●          │          │   A has a clock that runs 200 ppm fast
           │          ●          │          │   A has its clock set back by 90.0 s
   10.0 ms │          │          ●          │   X pauses
   20.0 ms │          ●          ┊          │   A timer Retry fires
   21.0 ms │          │          ●          │   X resumes after 11.0 ms
           │          ├─Prepare──┼─────────▶│   ballot 2.A
   30.0 ms │          ├─Prepare──┼─────────▶│   ballot 2.A  (overtaken, sent at 20.0 ms)
   50.0 ms ●          │          │          │   c1 gets no reply to request 1 and retries
   51.0 ms ├─Propose─▶│          │          │   value 8  (retry)
   52.0 ms ●          │          │          │   c1 gets no reply to request 1 and gives up
   53.0 ms │◀─────────┼──────────┼───Chosen─┤   value 8
           │          │          │          │   slow, sent at 30.0 ms; too late, c1 no
           │          │          │          │   longer waits
   54.0 ms │          ●          │          │   A forges Accept to Y: value 9, was 8
           │━━━━━━━━━━│━━━━━━━━━━│━━━━━━━━━━│   BROKEN AtMostOneChosen: ballot 1.A chose 8
           │          │          │          │   and ballot 2.A chose 9, but what is chosen
           │          │          │          │   stays chosen for ever
           │          │          │          │
The story ends here, because an invariant is broken, and it ends with a sentence that is
too long for a line of eighty columns.
           │          │          │          │
 in flight  Accept from A to Y, sent at 54.0 ms
",
    );
}

#[test]
fn lanes_give_reasons_if_asked() {
    let picture = lanes(&read(ONE_OF_EACH), everything(120)).unwrap();
    assert_picture(
        &picture,
        "
           c1         A          X          Y
           │          │          │          │
    0.0 ms │          ●          │          │   A starts
           │          │          │          │
A client asks A for 8.
           │          │          │          │
    0.0 ms ●          │          │          │   c1 sends Propose to A: value 8
           │          │          │          │   c1 arms timer Timeout, to fire at 50.0 ms
    1.0 ms ├─Propose─▶│          │          │   value 8
           │          ●          │          │   A sends Prepare to X, Y, A: ballot 1.A
           │          │          │          │   A arms timer Retry, to fire at 20.0 ms
           │          │          │          │   network duplicates Prepare from A to X
           │          ●          │          │   Prepare ballot 1.A  (to itself)
    2.5 ms │          ├─Prepare─▶│          │   ballot 1.A
           │          │          │          │   because PromiseHigher (Paxos Made Simple §2.2, phase 1b)
           │          │          │          │   1.A is above every ballot promised: there is none
           │          │          │          │   X persists Promised: ballot 1.A
           │          │          ●          │   X sends Promise to A: ballot 1.A, accepted none
           │          │          ●          │   X fact Promised: ballot 1.A
           │          │          │          │   X now has promised 1.A
    3.0 ms │          ├─Prepare─▶│          │   ballot 1.A  (a copy)
           │          │          │          │   because Unlisted
    4.0 ms │          │          │          ╳   Y crashes; 2 records were not yet durable and are lost
    4.2 ms │          ├─Prepare──┼─────────╳    ballot 1.A  (lost, Y is down)
    4.5 ms │          │╳─Promise─┤              ballot 1.A, accepted none  (lost, the link is cut)
    5.0 ms │╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌╌   network splits: A | X Y
    6.0 ms │╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌╌╌╌╌╌   network heals
           │          │          │              network: A no longer reaches X
    7.0 ms │          │          │              network: A reaches X again
    8.0 ms │          │          │          ●   Y restarts (incarnation 2)
    9.0 ms │          ●          │          │   A has a clock that runs 200 ppm fast
           │          ●          │          │   A has its clock set back by 90.0 s
   10.0 ms │          │          ●          │   X pauses
   20.0 ms │          ●          ┊          │   A timer Retry fires
           │          ●          ┊          │   A sends Prepare to Y, Y: ballot 2.A
   21.0 ms │          │          ●          │   X resumes after 11.0 ms
           │          ├─Prepare──┼─────────▶│   ballot 2.A
   30.0 ms │          ├─Prepare──┼─────────▶│   ballot 2.A  (overtaken, sent at 20.0 ms)
   50.0 ms ●          │          │          │   c1 gets no reply to request 1 and retries
           ●          │          │          │   c1 sends Propose to A: value 8
   51.0 ms ├─Propose─▶│          │          │   value 8  (retry)
   52.0 ms ●          │          │          │   c1 gets no reply to request 1 and gives up
   53.0 ms │◀─────────┼──────────┼───Chosen─┤   value 8  (slow, sent at 30.0 ms; too late, c1 no longer waits)
   54.0 ms │          ●          │          │   A sends Accept to Y: ballot 2.A, value 8
           │          ●          │          │   A forges Accept to Y: value 9, was 8
           │━━━━━━━━━━│━━━━━━━━━━│━━━━━━━━━━│   BROKEN AtMostOneChosen: ballot 1.A chose 8 and ballot 2.A chose 9, but
           │          │          │          │   what is chosen stays chosen for ever
           │          │          │          │
The story ends here, because an invariant is broken, and it ends with a sentence that is too long for a line of eighty
columns.
           │          │          │          │
 in flight  Accept from A to Y, sent at 54.0 ms
",
    );
}

#[test]
fn lanes_without_room_for_names_say_them_beside() {
    let picture = lanes(&read(ONE_OF_EACH), wide(60)).unwrap();
    assert_picture(
        &picture,
        "
           c1   A    X    Y
           │    │    │    │
A client asks A for 8.
           │    │    │    │
    1.0 ms ├───▶│    │    │   Propose value 8
           │    │    │    │   network duplicates Prepare
           │    │    │    │   from A to X
           │    ●    │    │   Prepare ballot 1.A
           │    │    │    │   to itself
    2.5 ms │    ├───▶│    │   Prepare ballot 1.A
           │    │    ●    │   X fact Promised: ballot 1.A
    3.0 ms │    ├───▶│    │   Prepare ballot 1.A  (a copy)
    4.0 ms │    │    │    ╳   Y crashes; 2 records were not
           │    │    │        yet durable and are lost
    4.2 ms │    ├────┼───╳    Prepare ballot 1.A
           │    │    │        lost, Y is down
    4.5 ms │    │╳───┤        Promise ballot 1.A, accepted
           │    │    │        none  (lost, the link is cut)
    5.0 ms │╌╌╌╌│╌╌╌╌│╌╌╌╌╌   network splits: A | X Y
    6.0 ms │╌╌╌╌│╌╌╌╌│╌╌╌╌╌   network heals
           │    │    │        network: A no longer reaches X
    7.0 ms │    │    │        network: A reaches X again
    8.0 ms │    │    │    ●   Y restarts (incarnation 2)
    9.0 ms │    ●    │    │   A has a clock that runs 200
           │    │    │    │   ppm fast
           │    ●    │    │   A has its clock set back by
           │    │    │    │   90.0 s
   10.0 ms │    │    ●    │   X pauses
   20.0 ms │    ●    ┊    │   A timer Retry fires
   21.0 ms │    │    ●    │   X resumes after 11.0 ms
           │    ├────┼───▶│   Prepare ballot 2.A
   30.0 ms │    ├────┼───▶│   Prepare ballot 2.A
           │    │    │    │   overtaken, sent at 20.0 ms
   50.0 ms ●    │    │    │   c1 gets no reply to request 1
           │    │    │    │   and retries
   51.0 ms ├───▶│    │    │   Propose value 8  (retry)
   52.0 ms ●    │    │    │   c1 gets no reply to request 1
           │    │    │    │   and gives up
   53.0 ms │◀───┼────┼────┤   Chosen value 8
           │    │    │    │   slow, sent at 30.0 ms; too
           │    │    │    │   late, c1 no longer waits
   54.0 ms │    ●    │    │   A forges Accept to Y: value 9,
           │    │    │    │   was 8
           │━━━━│━━━━│━━━━│   BROKEN AtMostOneChosen: ballot
           │    │    │    │   1.A chose 8 and ballot 2.A
           │    │    │    │   chose 9, but what is chosen
           │    │    │    │   stays chosen for ever
           │    │    │    │
The story ends here, because an invariant is broken, and it
ends with a sentence that is too long for a line of eighty
columns.
           │    │    │    │
 in flight  Accept from A to Y, sent at 54.0 ms
",
    );
}
