//! Bytes of x86-64 instructions that are not vector arithmetic, and how operands in memory are written
//! [Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2].

/// A general register by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointer(u8);

pub(super) const RAX: Pointer = Pointer(0);
pub(super) const RCX: Pointer = Pointer(1);
pub(super) const RDX: Pointer = Pointer(2);
pub(super) const RBX: Pointer = Pointer(3);
pub(super) const RSP: Pointer = Pointer(4);
pub(super) const RBP: Pointer = Pointer(5);
pub(super) const RSI: Pointer = Pointer(6);
pub(super) const RDI: Pointer = Pointer(7);
pub(super) const R8: Pointer = Pointer(8);
pub(super) const R9: Pointer = Pointer(9);
pub(super) const R10: Pointer = Pointer(10);
pub(super) const R11: Pointer = Pointer(11);
pub(super) const R12: Pointer = Pointer(12);
pub(super) const R13: Pointer = Pointer(13);
pub(super) const R14: Pointer = Pointer(14);
pub(super) const R15: Pointer = Pointer(15);

impl Pointer {
    /// The three bits that stand in the instruction itself.
    fn low(self) -> u8 {
        self.0 & 7
    }

    /// The fourth bit, which stands in a prefix.
    pub fn high(self) -> u8 {
        self.0 >> 3
    }
}

/// An address: what a register holds, and bytes to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    pub base: Pointer,
    pub offset: i32,
}

/// A position in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(usize);

/// A jump whose target is still to be written.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it leads nowhere until it is linked"]
pub(super) struct Jump {
    end: usize,
}

/// Machine code as it grows.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    pub bytes: Vec<u8>,
}

impl Assembler {
    /// The bytes that say which register and which memory an instruction speaks of. An offset that
    /// is a multiple of `unit` in the range of a byte is written as one.
    pub fn register_and_address(&mut self, register: u8, address: Address, unit: i32) {
        let Address { base, offset } = address;
        let short = i8::try_from(offset / unit).ok().filter(|_| offset % unit == 0);
        let mode = match short {
            // Without offset rbp and r13 cannot be written.
            Some(0) if base.low() != RBP.low() => 0,
            Some(_) => 1,
            None => 2,
        };
        self.bytes.push(mode << 6 | (register & 7) << 3 | base.low());
        if base.low() == RSP.low() {
            self.bytes.push(0x24);
        }
        match (mode, short) {
            (0, _) => {}
            (1, Some(short)) => self.bytes.push(short as u8),
            _ => self.bytes.extend(offset.to_le_bytes()),
        }
    }

    /// The byte that names two registers.
    pub fn two_registers(&mut self, register: u8, other: u8) {
        self.bytes.push(0xc0 | (register & 7) << 3 | other & 7);
    }

    /// Saves a register on the stack.
    pub fn push(&mut self, register: Pointer) {
        self.bytes.extend([0x40 | register.high(), 0x50 | register.low()]);
    }

    /// Takes a register back from the stack.
    pub fn pop(&mut self, register: Pointer) {
        self.bytes.extend([0x40 | register.high(), 0x58 | register.low()]);
    }

    /// to = from
    pub fn copy(&mut self, to: Pointer, from: Pointer) {
        self.bytes.extend([0x48 | from.high() << 2 | to.high(), 0x89]);
        self.two_registers(from.low(), to.low());
    }

    /// to = what stands at the address.
    pub fn read(&mut self, to: Pointer, address: Address) {
        self.bytes.extend([0x48 | to.high() << 2 | address.base.high(), 0x8b]);
        self.register_and_address(to.low(), address, 1);
    }

    /// to = the address itself.
    pub fn address(&mut self, to: Pointer, address: Address) {
        self.bytes.extend([0x48 | to.high() << 2 | address.base.high(), 0x8d]);
        self.register_and_address(to.low(), address, 1);
    }

    /// register = register + number
    pub fn add(&mut self, register: Pointer, number: i32) {
        self.bytes.extend([0x48 | register.high(), 0x81, 0xc0 | register.low()]);
        self.bytes.extend(number.to_le_bytes());
    }

    /// Calls the function at an absolute address. rax is lost.
    pub fn call(&mut self, function: usize) {
        self.bytes.extend([0x48, 0xb8 | RAX.low()]);
        self.bytes.extend((function as u64).to_le_bytes());
        self.bytes.extend([0xff, 0xd0 | RAX.low()]);
    }

    /// Writes a number of 32 bits to the top of the stack.
    pub fn set_counter(&mut self, number: i32) {
        self.bytes.extend([0xc7, 0x04, 0x24]);
        self.bytes.extend(number.to_le_bytes());
    }

    /// Takes 1 off the number at the top of the stack.
    pub fn count_down(&mut self) {
        self.bytes.extend([0xff, 0x0c, 0x24]);
    }

    /// Tests the low 32 bits of a register for 0.
    pub fn test(&mut self, register: Pointer) {
        self.bytes.push(0x85);
        self.two_registers(register.low(), register.low());
    }

    /// Goes to a label unless the last test or count gave 0.
    pub fn jump_unless_zero(&mut self) -> Jump {
        self.jump(&[0x0f, 0x85])
    }

    /// Goes to a label.
    pub fn jump_always(&mut self) -> Jump {
        self.jump(&[0xe9])
    }

    /// Goes to a label, from where [`Assembler::ret`] comes back.
    pub fn call_label(&mut self) -> Jump {
        self.jump(&[0xe8])
    }

    fn jump(&mut self, opcode: &[u8]) -> Jump {
        self.bytes.extend(opcode);
        self.bytes.extend([0; 4]);
        Jump { end: self.bytes.len() }
    }

    /// The present position.
    pub fn here(&self) -> Label {
        Label(self.bytes.len())
    }

    /// Says where a jump goes to.
    pub fn link(&mut self, Jump { end }: Jump, Label(target): Label) {
        let distance = target as i64 - end as i64;
        self.bytes[end - 4..end].copy_from_slice(&(distance as i32).to_le_bytes());
    }

    /// Clears the upper parts of all vector registers, which older vector code wants.
    pub fn clear_upper(&mut self) {
        self.bytes.extend([0xc5, 0xf8, 0x77]);
    }

    /// Goes back to the caller.
    pub fn ret(&mut self) {
        self.bytes.push(0xc3);
    }
}
