//! Byte stream to a process: its three standard streams. Reads and writes here return within a
//! short time, whatever the process does with its end.

use std::io;
use std::process::Stdio;
use std::time::Duration;

#[cfg(not(unix))]
pub(super) use piped::{Stream, connect};
#[cfg(unix)]
pub(super) use socket::{Stream, connect};

/// Timeout of a read or write that makes no progress ([`io::ErrorKind::WouldBlock`] or
/// [`io::ErrorKind::TimedOut`]).
const TICK: Duration = Duration::from_millis(50);

/// The process's end of the connection.
pub(super) struct Ends {
    pub(super) stdin: Stdio,
    pub(super) stdout: Stdio,
    pub(super) stderr: Stdio,
}

#[cfg(unix)]
mod socket {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use super::{Ends, Stdio, TICK, io};

    /// Socket pair: both output streams are the same socket, so that their lines stay in order.
    pub(crate) type Stream = UnixStream;

    pub(crate) fn connect() -> io::Result<(Stream, Ends)> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(TICK))?;
        ours.set_write_timeout(Some(TICK))?;
        let theirs = OwnedFd::from(theirs);
        let end = || theirs.try_clone().map(Stdio::from);
        Ok((ours, Ends { stdin: end()?, stdout: end()?, stderr: end()? }))
    }
}

/// Pipes with a thread at each, for systems whose pipes have no timeouts.
#[cfg(any(not(unix), test))]
mod piped {
    use std::io::{Read, Write};
    use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Ends, Stdio, TICK, io};

    /// Number of chunks that are read or written ahead.
    const AHEAD: usize = 16;

    #[derive(Debug)]
    pub(crate) struct Stream {
        output: Receiver<Vec<u8>>,
        /// Bytes received and not yet read.
        rest: Vec<u8>,
        input: SyncSender<Vec<u8>>,
    }

    pub(crate) fn connect() -> io::Result<(Stream, Ends)> {
        let (mut reads, stdout) = io::pipe()?;
        let stderr = stdout.try_clone()?;
        let (stdin, mut writes) = io::pipe()?;
        let (output_sender, output) = sync_channel(AHEAD);
        let (input, input_receiver) = sync_channel::<Vec<u8>>(AHEAD);
        // Both threads end when either side is closed.
        thread::spawn(move || {
            let mut chunk = [0; 1 << 14];
            while let Ok(count @ 1..) = reads.read(&mut chunk) {
                if output_sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        thread::spawn(move || {
            for bytes in input_receiver {
                if writes.write_all(&bytes).is_err() {
                    break;
                }
            }
        });
        let ends = Ends { stdin: Stdio::from(stdin), stdout: Stdio::from(stdout), stderr: Stdio::from(stderr) };
        Ok((Stream { output, rest: Vec::new(), input }, ends))
    }

    impl Read for Stream {
        fn read(&mut self, chunk: &mut [u8]) -> io::Result<usize> {
            if self.rest.is_empty() {
                match self.output.recv_timeout(TICK) {
                    Ok(output) => self.rest = output,
                    Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                    Err(RecvTimeoutError::Disconnected) => return Ok(0),
                }
            }
            let count = self.rest.len().min(chunk.len());
            chunk[..count].copy_from_slice(&self.rest[..count]);
            self.rest.drain(..count);
            Ok(count)
        }
    }

    impl Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let late = Instant::now() + TICK;
            let mut piece = bytes.to_vec();
            loop {
                match self.input.try_send(piece) {
                    Ok(()) => return Ok(bytes.len()),
                    Err(TrySendError::Disconnected(_)) => return Err(io::ErrorKind::BrokenPipe.into()),
                    Err(TrySendError::Full(_)) if Instant::now() > late => return Err(io::ErrorKind::TimedOut.into()),
                    Err(TrySendError::Full(again)) => {
                        piece = again;
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{ErrorKind, Read, Write};
    use std::process::{Child, Command};

    use super::*;

    fn shell(script: &str, ends: Ends) -> Child {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(ends.stdin).stdout(ends.stdout).stderr(ends.stderr);
        command.spawn().expect("there is a shell")
    }

    fn read_to_the_end(mut stream: impl Read) -> String {
        let (mut all, mut chunk) = (Vec::new(), [0; 100]);
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return String::from_utf8(all).expect("it is text"),
                Ok(count) => all.extend_from_slice(&chunk[..count]),
                Err(error) => assert!(matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock), "{error}"),
            }
        }
    }

    fn goes_both_ways<S: Read + Write>((mut stream, ends): (S, Ends)) {
        let mut child = shell("read line; echo \"heard $line\"; echo and >&2; echo ended", ends);
        stream.write_all(b"this\n").expect("it listens");
        assert_eq!(read_to_the_end(stream), "heard this\nand\nended\n");
        assert!(child.wait().expect("it ends").success());
    }

    fn holds_nobody_up<S: Read + Write>((mut stream, ends): (S, Ends)) {
        let mut child = shell("exec sleep 60", ends);
        let error = stream.read(&mut [0; 10]).expect_err("nothing is said");
        assert!(matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock), "{error}");
        let megabyte = vec![b'x'; 1 << 20];
        let error = (0..100).find_map(|_| stream.write(&megabyte).err()).expect("nobody reads");
        assert!(matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock), "{error}");
        child.kill().expect("it is there");
        child.wait().expect("it ends");
    }

    #[test]
    fn what_is_written_arrives_and_what_is_said_is_read_in_order() {
        goes_both_ways(socket::connect().expect("there are sockets"));
        goes_both_ways(piped::connect().expect("there are pipes"));
    }

    #[test]
    fn a_process_that_neither_reads_nor_writes_blocks_no_other() {
        holds_nobody_up(socket::connect().expect("there are sockets"));
        holds_nobody_up(piped::connect().expect("there are pipes"));
    }
}
