package io.kiroku.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The log of one container instance as containerd holds it open: it writes to whatever file it opened last, under
 * whatever name that has by now, until it is told to reopen. Keeps the truth about every byte written.
 */
final class InstanceLog implements AutoCloseable {
    private final Path live;
    private final MessageDigest digest;
    private final @Nullable FileChannel copy;
    private final Optional<Path> copyPath;
    private FileChannel channel;
    private long length;
    private long lengthOfFile;
    private int reopened;
    private boolean closed;

    /** @param copyPath where the bytes are kept a second time, if anywhere; outside the pods' directory */
    InstanceLog(Path live, Optional<Path> copyPath) throws IOException {
        this.live = live;
        this.copyPath = copyPath;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
        this.copy = copyPath.isPresent()
                ? FileChannel.open(copyPath.get(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                : null;
        this.channel = open();
    }

    /** containerd: {@code O_CREAT|O_APPEND, 0640}. */
    private FileChannel open() throws IOException {
        return FileChannel.open(
                live,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    }

    /** The path of the live file. */
    Path live() {
        return live;
    }

    /** Writes all remaining bytes with one system call, as far as the kernel takes them. False once closed. */
    synchronized boolean write(ByteBuffer bytes) throws IOException {
        if (closed) {
            return false;
        }
        digest.update(bytes.duplicate());
        if (copy != null) {
            ByteBuffer again = bytes.duplicate();
            while (again.hasRemaining()) {
                copy.write(again);
            }
        }
        length += bytes.remaining();
        lengthOfFile += bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return true;
    }

    /** Bytes in the file that is written to at the moment. */
    synchronized long lengthOfFile() {
        return lengthOfFile;
    }

    /** Opens the live name anew, as the kubelet asks after it renamed the file. False, and nothing is done, once closed. */
    synchronized boolean reopen() throws IOException {
        if (closed) {
            return false;
        }
        channel.close();
        channel = open();
        lengthOfFile = 0;
        reopened++;
        return true;
    }

    /** Nothing is written any more. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            channel.close();
            if (copy != null) {
                copy.close();
            }
        }
    }

    synchronized Written written(PretendPod pod, String container, int restart) {
        byte[] sha256;
        try {
            sha256 = ((MessageDigest) digest.clone()).digest();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", impossible);
        }
        return new Written(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                container,
                restart,
                live,
                length,
                HexFormat.of().formatHex(sha256),
                reopened,
                copyPath);
    }
}
