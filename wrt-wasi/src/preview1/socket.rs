//! Functions on sockets. A guest has those that the host handed to it and what they accept; it can make none.

use super::context::{WasiP1, stream_descriptor};
use super::fd::{read_into, write_from};
use super::guest::Guest;
use super::rights::Rights;
use crate::errno::Errno;
use crate::platform::{File, FileFlags, Result, Socket};

impl WasiP1 {
    fn socket(&self, fd: u32, rights: Rights) -> Result<(&dyn File, &dyn Socket)> {
        let descriptor = self.table.get(fd)?;
        let file = descriptor.file().map_err(|_| Errno::NotSocket)?;
        let socket = file.as_socket().ok_or(Errno::NotSocket)?;
        descriptor.rights.need(rights)?;
        Ok((file.as_ref(), socket))
    }

    pub(super) fn sock_accept(&mut self, guest: &mut Guest<'_>, fd: u32, flags: u32, result: u32) -> Result<()> {
        let flags = FileFlags::from_bits(flags)?;
        let (_, socket) = self.socket(fd, Rights::SOCK_ACCEPT)?;
        if (FileFlags { nonblock: false, ..flags }) != FileFlags::default() {
            return Err(Errno::Invalid);
        }
        guest.slice(result, 4)?;
        self.table.has_room()?;
        let accepted = socket.accept(flags.nonblock)?;
        let inheriting = self.table.get(fd)?.inheriting;
        let mut descriptor = stream_descriptor(accepted, Rights::NONE)?;
        descriptor.rights = descriptor.rights & inheriting;
        descriptor.inheriting = descriptor.inheriting & inheriting;
        let number = self.table.insert(descriptor)?;
        guest.write_u32(result, number)
    }

    #[allow(clippy::too_many_arguments, reason = "the interface's")]
    pub(super) fn sock_recv(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffers: u32,
        count: u32,
        flags: u32,
        result: u32,
        result_flags: u32,
    ) -> Result<()> {
        let (_, socket) = self.socket(fd, Rights::FD_READ)?;
        if flags > 3 {
            return Err(Errno::Invalid);
        }
        guest.slice(result_flags, 2)?;
        let (peek, wait_all) = (flags & 1 != 0, flags & 2 != 0);
        self.transfer(guest, (buffers, count), result, |guest, buffers| {
            let mut cut = false;
            let total = read_into(guest, buffers, true, |into, _| {
                let (count, longer) = socket.receive(into, peek, wait_all)?;
                cut = longer;
                Ok(count)
            })?;
            guest.write(result_flags, &u16::from(cut).to_le_bytes())?;
            Ok(total)
        })
    }

    pub(super) fn sock_send(
        &mut self,
        guest: &mut Guest<'_>,
        fd: u32,
        buffers: u32,
        count: u32,
        flags: u32,
        result: u32,
    ) -> Result<()> {
        let (file, _) = self.socket(fd, Rights::FD_WRITE)?;
        if flags != 0 {
            return Err(Errno::Invalid);
        }
        self.transfer(guest, (buffers, count), result, |guest, buffers| {
            write_from(guest, buffers, |pieces| file.write(pieces))
        })
    }

    pub(super) fn sock_shutdown(&mut self, _guest: &mut Guest<'_>, fd: u32, how: u32) -> Result<()> {
        let (_, socket) = self.socket(fd, Rights::SOCK_SHUTDOWN)?;
        match how {
            1..=3 => socket.shutdown(how & 1 != 0, how & 2 != 0),
            _ => Err(Errno::Invalid),
        }
    }
}
