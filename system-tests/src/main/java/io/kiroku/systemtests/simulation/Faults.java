package io.kiroku.systemtests.simulation;

import io.kiroku.agent.os.Errno;
import io.kiroku.agent.simulation.SimInode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What goes wrong in a world, and how it is made good in the end. */
final class Faults {
    private final Scheduler scheduler;
    private final SplittableRandom random;
    private final Network network;
    private final CollectorSite site;
    private final List<Node> nodes;
    private final List<Runnable> kinds = new ArrayList<>();

    Faults(
            Scheduler scheduler,
            SplittableRandom random,
            Profile profile,
            Network network,
            CollectorSite site,
            List<Node> nodes) {
        this.scheduler = scheduler;
        this.random = random;
        this.network = network;
        this.site = site;
        this.nodes = nodes;
        add(profile.agentDeaths(), this::agentDies);
        add(profile.powerFailures(), this::powerFails);
        add(profile.collectorDeaths(), this::collectorDies);
        add(profile.diskFaults(), this::diskFails);
        add(profile.networkFaults(), this::networkFails);
        add(profile.kernelFaults(), this::kernelRefuses);
        add(profile.clockSteps(), this::clockSteps);
        add(profile.diskLosses(), this::collectorLosesDisk);
        add(profile.ringLosses(), this::nodeLosesRing);
    }

    private void add(boolean there, Runnable kind) {
        if (there) {
            kinds.add(kind);
        }
    }

    /** Something goes wrong, if anything does in this world. */
    void act() {
        if (!kinds.isEmpty()) {
            kinds.get(random.nextInt(kinds.size())).run();
        }
    }

    private Node anyNode() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    /** Mostly back soon; sometimes long enough for the kubelet to do a lot. */
    private long absence() {
        return Node.MILLI * (random.nextInt(3) == 0 ? random.nextLong(3000) : random.nextLong(100));
    }

    private void agentDies() {
        Node node = anyNode();
        AgentProcess agent = node.agent();
        if (agent == null) {
            return;
        }
        long absence = absence();
        switch (random.nextInt(4)) {
            case 0 -> node.killAgent(absence);
            case 1 -> agent.stop(absence);
            default -> node.disk.killAt(random.nextInt(30), () -> node.killAgent(absence));
        }
    }

    private void powerFails() {
        if (random.nextInt(3) == 0) {
            site.failPower(absence());
        } else {
            Node node = anyNode();
            long absence = absence();
            if (random.nextBoolean()) {
                node.failPower(absence);
            } else {
                node.disk.killAt(random.nextInt(30), () -> node.failPower(absence));
            }
        }
    }

    private void collectorDies() {
        CollectorProcess collector = site.collector();
        if (collector == null) {
            return;
        }
        long absence = absence();
        switch (random.nextInt(5)) {
            case 0 -> site.kill(absence);
            case 1 -> collector.stop(absence);
            case 2 -> site.disk.killAt(random.nextInt(20), () -> site.failPower(absence));
            default -> site.disk.killAt(random.nextInt(20), () -> site.kill(absence));
        }
    }

    private void collectorLosesDisk() {
        if (random.nextInt(3) == 0) {
            site.backUp();
        } else if (site.disksLost() < 3) {
            scheduler.record("collector loses its disk", 0, 0);
            site.loseDisk(absence());
            nodes.forEach(node -> node.repeats.forget());
        }
    }

    private void nodeLosesRing() {
        Node node = anyNode();
        if (node.ringsLost() < 2) {
            node.loseRing(absence());
        }
    }

    private void diskFails() {
        SimDisk disk = random.nextBoolean() ? site.disk : anyNode().disk;
        int times = random.nextInt(1, 4);
        scheduler.record("disk", disk == site.disk ? 0 : 1, times);
        switch (random.nextInt(6)) {
            case 0 -> disk.failWrites(times);
            case 1 -> disk.failSyncs(times);
            case 2 -> disk.failReads(times);
            case 3 -> disk.stall(random.nextInt(1000, 2_000_000));
            case 4 -> site.disk.fill(random.nextInt(20_000));
            default -> disk.heal();
        }
    }

    private void networkFails() {
        Connection connection = network.any();
        int kind = random.nextInt(10);
        scheduler.record("network", kind, 0);
        if (kind == 0) {
            network.goAway(Node.MILLI * random.nextLong(5000));
        } else if (kind == 1) {
            network.slow(random.nextInt(1000, 200_000));
        } else if (kind == 2) {
            network.heal();
        } else if (kind == 8) {
            anyNode().repeats.begin(2);
        } else if (connection != null) {
            switch (kind) {
                case 3 -> connection.loseToAgent();
                case 4 -> connection.loseToCollector();
                case 5 -> connection.stall(Node.MILLI * random.nextLong(3000));
                default -> connection.cut();
            }
        }
    }

    private void kernelRefuses() {
        Node node = anyNode();
        AgentProcess agent = node.agent();
        if (agent == null) {
            return;
        }
        scheduler.record("kernel", 0, 0);
        List<SimInode> named = List.copyOf(node.kubelet.named());
        switch (random.nextInt(6)) {
            case 0 -> {
                if (!named.isEmpty()) {
                    SimInode inode = named.get(random.nextInt(named.size()));
                    inode.failReadsWith(Errno.EIO);
                    node.ledger.failsReads(inode);
                }
            }
            case 1 -> {
                node.ledger.refuses();
                agent.kernel.limitDescriptors(agent.kernel.openDescriptors() + random.nextInt(2));
            }
            case 2 -> {
                node.ledger.refuses();
                agent.kernel.limitWatches(agent.kernel.watches());
            }
            case 3 -> {
                node.ledger.refuses();
                agent.kernel.failListsWith(random.nextBoolean() ? Errno.EIO : Errno.EMFILE);
            }
            case 4 -> {
                node.ledger.refuses();
                named.forEach(inode -> inode.deny(random.nextInt(3) == 0));
            }
            default -> healKernel(node);
        }
    }

    private static void healKernel(Node node) {
        node.files.everyFile().forEach(inode -> {
            inode.failReadsWith(null);
            inode.deny(false);
        });
        AgentProcess agent = node.agent();
        if (agent != null) {
            agent.kernel.limitDescriptors(Integer.MAX_VALUE);
            agent.kernel.limitWatches(Integer.MAX_VALUE);
            agent.kernel.failListsWith(null);
        }
    }

    private void clockSteps() {
        long nanos = random.nextLong(-10, 11) * (random.nextInt(4) == 0 ? 3600 * Node.SECOND : Node.SECOND / 3);
        if (random.nextInt(3) == 0) {
            site.stepClock(nanos);
        } else {
            anyNode().stepClock(nanos);
        }
    }

    /** Everything works from now on, and everybody comes back. */
    void heal() {
        network.heal();
        site.disk.heal();
        site.disk.slow(300);
        site.supervise(0);
        for (Node node : nodes) {
            node.disk.heal();
            node.repeats.end();
            node.disk.slow(300);
            healKernel(node);
            node.supervise(0);
        }
    }
}
