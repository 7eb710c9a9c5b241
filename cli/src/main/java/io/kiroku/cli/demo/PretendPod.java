package io.kiroku.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A pod of the pretend node: a directory {@code <namespace>_<name>_<uid>} with one directory for each container. */
public final class PretendPod {
    private final PretendNode node;
    private final String namespace;
    private final String name;
    private final String uid;
    private final Path directory;
    private final List<PretendContainer> containers = new ArrayList<>();

    PretendPod(PretendNode node, String namespace, String name, String uid) throws IOException {
        this.node = node;
        this.namespace = namespace;
        this.name = name;
        this.uid = uid;
        this.directory = Files.createDirectory(node.podLogs().resolve(namespace + "_" + name + "_" + uid));
    }

    public String namespace() {
        return namespace;
    }

    public String name() {
        return name;
    }

    public String uid() {
        return uid;
    }

    public Path directory() {
        return directory;
    }

    /** Starts a container in it. */
    public synchronized PretendContainer start(String container) throws IOException {
        PretendContainer started = new PretendContainer(node, this, container);
        containers.add(started);
        return started;
    }

    public synchronized List<PretendContainer> containers() {
        return List.copyOf(containers);
    }

    /** Ends its containers and removes its directory at once, as the kubelet does with no grace that could be asked for. */
    public synchronized void remove() throws IOException {
        for (PretendContainer container : containers) {
            container.stop();
        }
        Kubelet.removeTree(directory);
    }

    synchronized void stop() throws IOException {
        for (PretendContainer container : containers) {
            container.stop();
        }
    }
}
