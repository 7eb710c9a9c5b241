package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EventKind;
import io.kiroku.evidence.record.Entry.GapCause;
import io.kiroku.evidence.record.FilePath;
import org.junit.jupiter.api.Test;

/** What the kernel refuses, and names that lead nowhere: said once, tried again, and nothing else is disturbed. */
class TroubleTest extends OnANode {
    private static final String OTHER = PODS + "/ns_other_uid/app/0.log";

    private void assertOthersGoOn() throws Exception {
        files.mkdirs(PODS + "/ns_other_uid/app");
        files.write(OTHER, bytes("other\n"));
        assertThat(settled().of(OTHER))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("other\n"));
    }

    @Test
    void aDirectoryThatMayNotBeReadIsReadOnceItMay() throws Exception {
        files.write(LIVE, bytes("a\n"));
        files.at(CONTAINER).deny(true);
        node.start();
        assertOthersGoOn();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).isEmpty();
        assertThat(complaints(rebuilt)).singleElement().asString().contains(CONTAINER, "Permission denied (EACCES)");
        assertThat(node.tail().standing().notice()).contains(CONTAINER);
        files.at(CONTAINER).deny(false);
        assertThat(settled().of(LIVE)).hasSize(1);
    }

    @Test
    void aFileThatMayNotBeReadIsReadOnceItMay() throws Exception {
        files.write(LIVE, bytes("a\n"));
        files.at(LIVE).deny(true);
        node.start();
        assertOthersGoOn();
        for (int i = 0; i < 20; i++) {
            files.write(CONTAINER + "/more-" + i + ".log", bytes("x\n"));
            node.run(200 * SimNode.MILLIS);
        }
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).isEmpty();
        assertThat(complaints(rebuilt)).singleElement().asString().contains(LIVE, "Permission denied (EACCES)");
        files.at(LIVE).deny(false);
        assertThat(settled().of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\n"));
    }

    @Test
    void aFileThatGoesBeforeItMayBeReadIsAGap() throws Exception {
        files.write(LIVE, bytes("a\n"));
        files.at(LIVE).deny(true);
        node.start().run(3 * SimNode.SECOND);
        files.removeTree(POD);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEmpty());
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.READ_ERROR);
            assertThat(gap.detail()).contains(LIVE, "EACCES");
        });
        assertThat(node.tail().standing().gaps()).containsEntry(GapCause.READ_ERROR, 1L);
    }

    @Test
    void aFileThatGoesBetweenTheListAndTheCallIsAGap() throws Exception {
        int gaps = 0;
        for (int at = 1; at < 30; at++) {
            makeNode();
            node.start().run(SimNode.SECOND);
            files.write(LIVE, bytes("a\n"));
            long unlinkAt = kernel.calls() + at;
            kernel.meanwhile(() -> {
                if (kernel.calls() == unlinkAt) {
                    files.unlink(LIVE);
                }
            });
            Rebuilt rebuilt = settled();
            if (!rebuilt.gaps().isEmpty()) {
                gaps++;
                assertThat(rebuilt.of(LIVE))
                        .singleElement()
                        .satisfies(file -> assertThat(file.text()).isEmpty());
                assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
                    assertThat(gap.cause()).isEqualTo(GapCause.VANISHED);
                    assertThat(gap.detail())
                            .containsAnyOf("it was gone before it could be opened", "came and went before");
                });
            }
        }
        assertThat(gaps).isBetween(1, 8);
    }

    /** The same moment, but the file only has another name: it is found there, and there is no gap. */
    @Test
    void aFileThatIsRenamedBetweenAnyTwoCallsIsFound() throws Exception {
        for (int at = 1; at < 30; at++) {
            makeNode();
            node.start().run(SimNode.SECOND);
            files.write(LIVE, bytes("a\n"));
            long renameAt = kernel.calls() + at;
            kernel.meanwhile(() -> {
                if (kernel.calls() == renameAt) {
                    files.rename(LIVE, ROTATED);
                    files.write(LIVE, bytes("b\n"));
                }
            });
            Rebuilt rebuilt = settled();
            assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactlyInAnyOrder("a\n", "b\n");
            assertThat(rebuilt.gaps()).isEmpty();
        }
    }

    @Test
    void aReadErrorIsSaidOnceAndTriedAgain() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.start().run(2 * SimNode.SECOND);
        writer.inode().failReadsWith(Errno.EIO);
        writer.write(bytes("b\n"));
        assertOthersGoOn();
        node.run(10 * SimNode.SECOND);
        assertThat(complaints(settled())).singleElement().asString().contains("Input/output error (EIO)");
        writer.inode().failReadsWith(null);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\nb\n"));
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void readsMayFailAtAnyTimeAndNothingIsCapturedTwice() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.start().run(2 * SimNode.SECOND);
        StringBuilder written = new StringBuilder("a\n");
        for (int call = 1; call < 30; call++) {
            long failsAt = kernel.calls() + call;
            kernel.meanwhile(() -> {
                if (kernel.calls() >= failsAt) {
                    writer.inode().failReadsWith(Errno.EIO);
                }
            });
            writer.write(bytes("%d\n".formatted(call)));
            written.append(call).append('\n');
            node.run(SimNode.SECOND);
            kernel.meanwhile(() -> {});
            writer.inode().failReadsWith(null);
            node.run(2 * SimNode.SECOND);
        }
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo(written.toString()));
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void whatCannotBeReadOfADeletedFileIsAGapAndTheFileIsClosed() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.start().run(2 * SimNode.SECOND);
        writer.inode().failReadsWith(Errno.EIO);
        writer.write(bytes("b\n"));
        node.run(SimNode.SECOND);
        writer.close();
        files.removeTree(POD);
        node.run(15 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isZero();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).singleElement().satisfies(file -> {
            assertThat(file.text()).isEqualTo("a\n");
            assertThat(file.gap()).isNotNull().satisfies(gap -> {
                assertThat(gap.cause()).isEqualTo(GapCause.READ_ERROR);
                assertThat(gap.from()).isEqualTo(2);
            });
        });
    }

    @Test
    void withoutDescriptorsFilesAreOpenedOnceThereAreSome() throws Exception {
        node.start().run(SimNode.SECOND);
        kernel.limitDescriptors(3);
        for (int i = 0; i < 6; i++) {
            files.write(CONTAINER + "/" + i + ".log", bytes("file " + i + "\n"));
        }
        node.run(5 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isEqualTo(3);
        kernel.limitDescriptors(100);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(6);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void withoutWatchesEverythingIsLookedAtEverySecond() throws Exception {
        kernel.limitWatches(0);
        node.start().run(SimNode.SECOND);
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.run(1200 * SimNode.MILLIS);
        assertThat(kernel.openDescriptors()).isEqualTo(1);
        node.run(10 * SimNode.SECOND);
        writer.write(bytes("b\n"));
        files.rename(LIVE, ROTATED);
        files.write(LIVE, bytes("c\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactly("a\nb\n", "c\n");
        assertThat(complaints(rebuilt))
                .allSatisfy(
                        sentence -> assertThat(sentence).contains("fs.inotify.max_user_watches is reached (ENOSPC)"));
        kernel.limitWatches(100);
        settled();
        assertThat(kernel.watches()).isPositive();
    }

    @Test
    void aListThatFailsForAWhileTakesNothingAway() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        node.start().run(SimNode.SECOND);
        int watches = kernel.watches();
        kernel.failListsWith(Errno.EIO);
        files.mkdirs(PODS + "/ns_new_uid/app");
        files.rename(LIVE, ROTATED);
        node.run(3 * SimNode.SECOND);
        assertThat(kernel.watches()).isGreaterThanOrEqualTo(watches);
        writer.write(bytes("a\n"));
        kernel.failListsWith(null);
        node.run(2 * SimNode.SECOND);
        files.write(PODS + "/ns_new_uid/app/0.log", bytes("new\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEqualTo("a\n"));
        assertThat(rebuilt.of(PODS + "/ns_new_uid/app/0.log")).hasSize(1);
        assertThat(rebuilt.events(EventKind.ROTATED)).hasSize(1);
    }

    @Test
    void anOverflowOfTheQueueLosesNothing() throws Exception {
        SimFiles.Writer writer = files.open(LIVE);
        writer.write(bytes("a\n"));
        node.start().run(10 * SimNode.SECOND);
        kernel.limitEvents(2);
        for (int i = 0; i < 20; i++) {
            files.mkdirs(PODS + "/ns_pod-" + i + "_uid/app");
            files.write(PODS + "/ns_pod-" + i + "_uid/app/0.log", bytes("pod " + i + "\n"));
        }
        files.removeTree(PODS + "/ns_pod-3_uid");
        files.mkdirs(PODS + "/ns_pod-3_uid/app");
        writer.write(bytes("its one event was dropped\n"));
        node.run(SimNode.SECOND);
        kernel.limitEvents(1000);
        files.write(PODS + "/ns_pod-3_uid/app/0.log", bytes("pod 3 again\n"));
        node.run(SimNode.SECOND);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE).getFirst().text()).isEqualTo("a\nits one event was dropped\n");
        for (int i = 0; i < 20; i++) {
            assertThat(rebuilt.of(PODS + "/ns_pod-" + i + "_uid/app/0.log")).isNotEmpty();
        }
        assertThat(rebuilt.events(EventKind.QUEUE_OVERFLOWED)).isNotEmpty();
    }

    /** A directory of the same name and inode, and the word that the watch is gone lost in an overflow. */
    @Test
    void aWatchThatWentUnheardIsPlacedAgain() throws Exception {
        node.start().run(SimNode.SECOND);
        long number = files.at(CONTAINER).number();
        kernel.limitEvents(1);
        files.unlink(CONTAINER);
        files.mkdirs(CONTAINER);
        assertThat(files.at(CONTAINER).number()).isEqualTo(number);
        node.run(SimNode.SECOND);
        kernel.limitEvents(1000);
        files.write(LIVE, bytes("a\n"));
        node.run(100 * SimNode.MILLIS);
        assertThat(kernel.openDescriptors()).isEqualTo(1);
    }

    @Test
    void aSymlinkThatLeadsNowhereIsSaidOnce() throws Exception {
        follow(PathPattern.parse("/logs/*.log"));
        files.mkdirs("/logs");
        files.symlink("/nowhere", "/logs/broken.log");
        files.symlink("/logs/loop.log", "/logs/loop.log");
        files.write("/logs/good.log", bytes("good\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of("/logs/good.log")).hasSize(1);
        assertThat(complaints(rebuilt)).hasSize(2);
        assertThat(complaints(rebuilt))
                .anySatisfy(sentence -> assertThat(sentence).contains("/logs/broken.log"));
        assertThat(complaints(rebuilt))
                .anySatisfy(sentence -> assertThat(sentence).contains("/logs/loop.log", "ELOOP"));
        assertThat(rebuilt.gaps()).isEmpty();
        files.write("/nowhere", bytes("now it leads somewhere\n"));
        assertThat(settled().of("/logs/broken.log")).hasSize(1);
    }

    /** As the kubelet makes and removes them while containers come and go. */
    @Test
    void aSymlinkThatLeadsNowhereForAMomentIsNotWorthAWord() throws Exception {
        follow(PathPattern.parse("/logs/*.log"));
        files.mkdirs("/logs");
        files.mkdirs("/target");
        node.start().run(SimNode.SECOND);
        files.symlink("/target/0", "/logs/a.log");
        node.run(300 * SimNode.MILLIS);
        files.write("/target/0", bytes("a\n"));
        node.run(2 * SimNode.SECOND);
        files.unlink("/target/0");
        node.run(300 * SimNode.MILLIS);
        files.unlink("/logs/a.log");
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of("/logs/a.log"))
                .singleElement()
                .satisfies(file -> assertThat(file.ended()).isTrue());
        assertThat(complaints(rebuilt)).isEmpty();
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void aSymlinkedLogIsFollowedWhenItsTargetRotates() throws Exception {
        follow(PathPattern.parse("/logs/*.log"));
        files.mkdirs("/logs");
        files.mkdirs("/data");
        SimFiles.Writer writer = files.open("/data/current");
        writer.write(bytes("a\n"));
        files.symlink("/data/current", "/logs/app.log");
        node.start().run(5 * SimNode.SECOND);
        files.rename("/data/current", "/data/old");
        writer.write(bytes("b\n"));
        files.write("/data/current", bytes("c\n"));
        node.run(5 * SimNode.SECOND);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of("/logs/app.log")).extracting(Rebuilt.File::text).containsExactly("a\nb\n", "c\n");
    }

    @Test
    void aSymlinkedDirectoryIsFollowedToItsNewTarget() throws Exception {
        follow(PathPattern.parse("/var/current/*.log"));
        files.mkdirs("/data/1");
        files.mkdirs("/data/2");
        files.write("/data/1/a.log", bytes("1\n"));
        files.write("/data/2/a.log", bytes("2\n"));
        files.symlink("/data/1", "/var/current");
        node.start().run(2 * SimNode.SECOND);
        files.unlink("/var/current");
        files.symlink("/data/2", "/var/current");
        node.run(2 * SimNode.SECOND);
        files.rename("/data/2", "/data/3");
        files.mkdirs("/data/2");
        node.run(2 * SimNode.SECOND);
        files.write("/data/2/b.log", bytes("3\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).extracting(Rebuilt.File::text).containsExactly("1\n", "2\n", "3\n");
    }

    @Test
    void twoPathsToOneDirectoryShareItsWatch() throws Exception {
        follow(PathPattern.parse("/a/*.log"), PathPattern.parse("/b/*.txt"));
        files.mkdirs("/a");
        files.symlink("/a", "/b");
        node.start().run(SimNode.SECOND);
        files.write("/a/x.log", bytes("log\n"));
        files.write("/a/x.txt", bytes("text\n"));
        node.run(100 * SimNode.MILLIS);
        assertThat(kernel.openDescriptors()).isEqualTo(2);
        files.unlink("/b");
        node.run(3 * SimNode.SECOND);
        files.write("/a/y.log", bytes("more\n"));
        node.run(100 * SimNode.MILLIS);
        assertThat(kernel.openDescriptors()).isEqualTo(3);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of("/a/x.log")).hasSize(1);
        assertThat(rebuilt.of("/b/x.txt")).hasSize(1);
        assertThat(rebuilt.of("/a/y.log")).hasSize(1);
    }

    @Test
    void anotherDirectoryUnderALiteralNameIsEntered() throws Exception {
        files.write(LIVE, bytes("old\n"));
        node.start().run(SimNode.SECOND);
        files.rename(PODS, "/var/log/pods-of-before");
        files.mkdirs(CONTAINER);
        files.write(LIVE, bytes("new\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.of(LIVE)).extracting(Rebuilt.File::text).containsExactly("old\n", "new\n");
    }

    @Test
    void aTreeThatIsMadeLaterIsFound() throws Exception {
        follow(PathPattern.parse("/a/b/c/*/d.log"));
        node.start().run(SimNode.SECOND);
        files.mkdirs("/a/b/c/x");
        files.write("/a/b/c/x/d.log", bytes("here\n"));
        node.run(100 * SimNode.MILLIS);
        files.removeTree("/a");
        node.run(100 * SimNode.MILLIS);
        files.mkdirs("/a/b/c/y");
        files.write("/a/b/c/y/d.log", bytes("again\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).extracting(Rebuilt.File::text).containsExactly("here\n", "again\n");
    }

    @Test
    void pipesAndDirectoriesAreNotOpened() throws Exception {
        files.mkfifo(CONTAINER + "/pipe.log");
        files.mkdirs(CONTAINER + "/directory.log");
        node.start();
        assertOthersGoOn();
        assertThat(complaints(settled())).isEmpty();
    }

    @Test
    void namesMayBeAnyBytes() throws Exception {
        node.start();
        FilePath odd = FilePath.of(CONTAINER)
                .resolve(FilePath.of(new byte[] {'a', ' ', (byte) 0xff, '\n', '.', 'l', 'o', 'g'}));
        try (SimFiles.Writer writer = files.open(odd)) {
            writer.write(bytes("odd\n"));
        }
        files.write(CONTAINER + "/with space.log", bytes("space\n"));
        files.write(CONTAINER + "/größe.log", bytes("umlaut\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(3);
        assertThat(rebuilt.of(odd.toString())).hasSize(1);
    }

    @Test
    void aPathThatIsTooLongDisturbsNothing() throws Exception {
        follow(PathPattern.parse("/x/**/*.log"));
        String path = "/x";
        String name = "d".repeat(250);
        while (path.length() + name.length() + 1 < 4090) {
            path += "/" + name;
            files.mkdirs(path);
        }
        String file = path + "/" + "f".repeat(FilePath.MAX_LENGTH - path.length() - 5) + ".log";
        files.write(file, bytes("deep\n"));
        SimFiles.Writer longer = files.open(FilePath.of(path).parent().resolve(FilePath.of("g.log")));
        node.start().run(SimNode.SECOND);
        files.rename(file, path + "/h");
        longer.write(bytes("less deep\n"));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(2);
    }

    @Test
    void filesOverTheBudgetAreFollowedOnceThereIsRoom() throws Exception {
        node.followAtMost(3);
        for (int i = 0; i < 6; i++) {
            files.write(CONTAINER + "/" + i + ".log", bytes("file " + i + "\n"));
        }
        node.start().run(5 * SimNode.SECOND);
        assertThat(kernel.openDescriptors()).isEqualTo(3);
        files.unlink(CONTAINER + "/0.log");
        files.unlink(CONTAINER + "/5.log");
        node.run(5 * SimNode.SECOND);
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(5);
        assertThat(rebuilt.of(CONTAINER + "/5.log"))
                .singleElement()
                .satisfies(file -> assertThat(file.text()).isEmpty());
        assertThat(complaints(rebuilt))
                .isNotEmpty()
                .allSatisfy(sentence -> assertThat(sentence).contains("it is not followed, as 3 files are"));
        assertThat(rebuilt.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.cause()).isEqualTo(GapCause.BUDGET);
            assertThat(gap.detail()).contains("/5.log");
        });
        files.unlink(CONTAINER + "/1.log");
        files.unlink(CONTAINER + "/2.log");
        assertThat(settled().files()).hasSize(6);
    }

    @Test
    void aStepOfTheWallClockIsAnEvent() throws Exception {
        node.start().run(SimNode.SECOND);
        node.stepWallClock(-3600 * SimNode.SECOND);
        node.run(SimNode.SECOND);
        node.stepWallClock(100 * SimNode.MILLIS);
        node.run(SimNode.SECOND);
        assertThat(settled().events(EventKind.CLOCK_STEPPED))
                .extracting(event -> event.detail())
                .containsExactly("by -3600000 ms");
    }
}
