package io.kiroku.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.evidence.record.FilePath;
import java.util.Arrays;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ErrnoExceptionTest {
    private static final FilePath PATH = FilePath.of("/var/log/pods/x/0.log");

    @Test
    void namesCallPathAndReason() {
        ErrnoException denied = new ErrnoException(13, "open", PATH);
        assertThat(denied).hasMessage("open /var/log/pods/x/0.log: Permission denied (EACCES)");
        assertThat(denied.errno()).isEqualTo(13);
        assertThat(denied.call()).isEqualTo("open");
        assertThat(denied.path()).isEqualTo(PATH);
        assertThat(new ErrnoException(999, "open", PATH)).hasMessage("open /var/log/pods/x/0.log: error 999");
        assertThat(ErrnoException.onDescriptor(5, "pread", 7))
                .hasMessage("pread of descriptor 7: Input/output error (EIO)")
                .satisfies(e -> assertThat(e.path()).isNull());
    }

    @Test
    void aUsedUpLimitOfInotifyIsNoFullDisk() {
        ErrnoException watches = new ErrnoException(28, ErrnoException.ADD_WATCH, PATH);
        assertThat(watches)
                .hasMessage("inotify_add_watch /var/log/pods/x/0.log: "
                        + "the limit fs.inotify.max_user_watches is reached (ENOSPC)");
        assertThat(watches.isNoWatches()).isTrue();
        assertThat(watches.isNoSpace()).isFalse();
        ErrnoException instances = ErrnoException.onCall(24, ErrnoException.INOTIFY_INIT);
        assertThat(instances)
                .hasMessageContaining("fs.inotify.max_user_instances")
                .hasMessageEndingWith("(EMFILE)");
        assertThat(instances.isNoDescriptors()).isTrue();
    }

    @Test
    void groupsErrorsByWhatTheyMean() {
        assertThat(matching(ErrnoException::isNotFound)).containsExactly(Errno.ENOENT, Errno.ENOTDIR);
        assertThat(matching(ErrnoException::isDenied)).containsExactly(Errno.EPERM, Errno.EACCES);
        assertThat(matching(ErrnoException::isNoSpace)).containsExactly(Errno.ENOSPC, Errno.EDQUOT);
        assertThat(matching(ErrnoException::isNoDescriptors)).containsExactly(Errno.ENFILE, Errno.EMFILE);
        assertThat(matching(ErrnoException::isIo)).containsExactly(Errno.EIO, Errno.EUCLEAN, Errno.EREMOTEIO);
        assertThat(matching(ErrnoException::isNoWatches)).isEmpty();
    }

    @Test
    void everyNumberIsListedOnce() {
        assertThat(Arrays.stream(Errno.values()).map(Errno::number)).doesNotHaveDuplicates();
        for (Errno errno : Errno.values()) {
            assertThat(Errno.of(errno.number())).isSameAs(errno);
        }
    }

    private static Errno[] matching(Predicate<ErrnoException> predicate) {
        return Arrays.stream(Errno.values())
                .filter(errno -> predicate.test(new ErrnoException(errno.number(), "open", PATH)))
                .toArray(Errno[]::new);
    }
}
