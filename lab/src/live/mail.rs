//! Outgoing messages and answers of a batch: one channel operation per recipient.

use quorate_protocol::{ClientId, Machine, NodeId, Time};

use super::tape::{Cause, Tape};
use super::threads::{Ordering, Sender};
use super::weather::{Outlook, Passage};
use super::wire::{Answered, Common, Letter, Parcel, Word};
use crate::trace::{DropReason, Happened, MessageId};

/// Messages and answers that wait for the sync.
#[derive(Debug)]
pub(super) struct Mail<M: Machine> {
    me: NodeId,
    letters: Vec<Vec<Letter<M>>>,
    /// By client: those that have sent requests to this node since it booted.
    clients: Vec<Option<Back<M>>>,
    /// The clients with pending answers.
    answered: Vec<ClientId>,
}

/// The reply channel of a client, with its pending answers.
#[derive(Debug)]
struct Back<M: Machine> {
    door: Sender<Word<M>>,
    answers: Vec<Answered<M>>,
}

/// The parts of a node that sending needs: its trace buffer, its random numbers, the time.
pub(super) struct Hands<'a, M: Machine> {
    pub(super) common: &'a Common<M>,
    pub(super) tape: &'a mut Tape<M>,
    pub(super) outlook: &'a mut Outlook,
    pub(super) now: Time,
}

impl<M: Machine> Mail<M> {
    pub(super) fn new(me: NodeId, nodes: usize) -> Self {
        let letters = (0..nodes).map(|_| Vec::new()).collect();
        Mail { me, letters, clients: Vec::new(), answered: Vec::new() }
    }

    /// Registers the reply channel of a client.
    pub(super) fn know(&mut self, client: ClientId, door: Sender<Word<M>>) {
        let index = client.index();
        if self.clients.len() <= index {
            self.clients.resize_with(index + 1, || None);
        }
        if self.clients[index].is_none() {
            self.clients[index] = Some(Back { door, answers: Vec::new() });
        }
    }

    /// Adds a message. Gives it back if there is no such node.
    pub(super) fn letter(&mut self, to: NodeId, letter: Letter<M>) -> Result<(), Letter<M>> {
        match self.letters.get_mut(to.index()) {
            Some(letters) => letters.push(letter),
            None => return Err(letter),
        }
        Ok(())
    }

    /// Adds an answer. Gives it back if the client has no channel here: it will retry.
    pub(super) fn answer(&mut self, client: ClientId, answer: Answered<M>) -> Result<(), Answered<M>> {
        let Some(Some(back)) = self.clients.get_mut(client.index()) else { return Err(answer) };
        if back.answers.is_empty() {
            self.answered.push(client);
        }
        back.answers.push(answer);
        Ok(())
    }

    /// Number of pending messages.
    pub(super) fn letters(&self) -> usize {
        self.letters.iter().map(Vec::len).sum()
    }

    /// Sends everything. Returns the number of messages sent.
    pub(super) fn send(&mut self, hands: &mut Hands<'_, M>) -> usize {
        let mut count = 0;
        for index in 0..self.letters.len() {
            let waiting = &mut self.letters[index];
            if !waiting.is_empty() {
                count += waiting.len();
                let letters = std::mem::replace(waiting, Vec::with_capacity(waiting.len()));
                self.post(NodeId(index as u32), letters, hands);
            }
        }
        for client in std::mem::take(&mut self.answered) {
            if let Some(Some(back)) = self.clients.get_mut(client.index()) {
                let room = Vec::with_capacity(back.answers.len());
                let answers = std::mem::replace(&mut back.answers, room);
                hands.answer(self.me, back, answers);
            }
        }
        count
    }

    /// The last message that is sent if only the first `count` are, in the order of creation;
    /// `None` if there is none.
    pub(super) fn last_of(&self, count: usize) -> Option<MessageId> {
        let mut waiting: Vec<MessageId> = self.letters.iter().flatten().map(|letter| letter.msg).collect();
        waiting.sort_unstable();
        waiting.truncate(count);
        waiting.last().copied()
    }

    /// Sends the messages up to this one and discards everything else: a crash happens in between.
    /// Returns the number of messages sent.
    pub(super) fn send_until(&mut self, last: Option<MessageId>, hands: &mut Hands<'_, M>) -> usize {
        let mut count = 0;
        for index in 0..self.letters.len() {
            let mut letters = std::mem::take(&mut self.letters[index]);
            letters.retain(|letter| last.is_some_and(|last| letter.msg <= last));
            count += letters.len();
            self.post(NodeId(index as u32), letters, hands);
        }
        for client in std::mem::take(&mut self.answered) {
            if let Some(Some(back)) = self.clients.get_mut(client.index()) {
                back.answers.clear();
            }
        }
        count
    }

    /// Tells every client of this node that it will send no more answers.
    pub(super) fn say_farewell(&mut self) {
        for back in self.clients.iter().flatten() {
            // A client that has ended need not know.
            _ = back.door.send(Word::Down(self.me));
        }
    }

    fn post(&self, to: NodeId, letters: Vec<Letter<M>>, hands: &mut Hands<'_, M>) {
        if letters.is_empty() {
            return;
        }
        let post = &hands.common.posts[to.index()];
        if !post.up.load(Ordering::Acquire) {
            return letters.iter().for_each(|letter| hands.lose(letter.msg, DropReason::Crashed));
        }
        let from = self.me;
        let letters = if hands.outlook.is_calm() {
            letters
        } else {
            let mut sent = Vec::with_capacity(letters.len());
            for letter in letters {
                let passage = hands.outlook.between(from, to, hands.now);
                hands.carry(letter.msg, passage, |msg, due| sent.push(Letter { msg, due, ..letter.clone() }));
            }
            sent
        };
        // `Common` keeps the receiving end, so the channel is never closed.
        _ = post.door.send(Parcel::Letters { from, letters });
    }
}

impl<M: Machine> Hands<'_, M> {
    fn answer(&mut self, from: NodeId, back: &Back<M>, answers: Vec<Answered<M>>) {
        let answers = if self.outlook.is_calm() {
            answers
        } else {
            let mut sent = Vec::with_capacity(answers.len());
            for answer in answers {
                let passage = self.outlook.anywhere(self.now);
                self.carry(answer.msg, passage, |msg, due| sent.push(Answered { msg, due, ..answer.clone() }));
            }
            sent
        };
        if let Err(unsent) = back.door.send(Word::Answers { from, answers })
            && let Word::Answers { answers, .. } = unsent.0
        {
            answers.iter().for_each(|answer| self.lose(answer.msg, DropReason::Crashed));
        }
    }

    /// Applies the network's decision to a message: `send` is called for each copy, with its number
    /// and its earliest delivery time.
    pub(super) fn carry(&mut self, msg: MessageId, passage: Passage, mut send: impl FnMut(MessageId, Time)) {
        match passage {
            Passage::Lost(reason) => self.lose(msg, reason),
            Passage::Arrives(due, again) => {
                send(msg, due);
                if let Some(again) = again {
                    let copy = self.tape.number();
                    self.tape.note(self.now, Cause::Carried(msg), || Happened::Duplicate { msg, copy });
                    send(copy, again);
                }
            }
        }
    }

    /// Hands the recorded trace events of a client over to the collector.
    pub(super) fn hand_over(&mut self) {
        if !self.tape.is_blank() {
            // Once the cluster is dropped there is no collector any more.
            _ = self.common.reels.send(self.tape.take(self.now));
        }
    }

    /// Records that a message will never arrive.
    pub(super) fn lose(&mut self, msg: MessageId, reason: DropReason) {
        self.tape.note(self.now, Cause::Carried(msg), || Happened::Drop { msg, reason });
    }
}
