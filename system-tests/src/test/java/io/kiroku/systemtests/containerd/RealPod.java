package io.kiroku.systemtests.containerd;

import io.kiroku.cli.demo.Kubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A pod that runs in containerd, and what the kubelet does for it. */
final class RealPod {
    private final Cri cri;
    private final String namespace;
    private final String name;
    private final String uid;
    private final Path directory;
    private final Message sandbox;
    private final String sandboxId;

    /** Starts it, without containers as yet. */
    RealPod(Cri cri, Path podLogs, String namespace, String name, String uid) throws IOException {
        this.cri = cri;
        this.namespace = namespace;
        this.name = name;
        this.uid = uid;
        this.directory = Files.createDirectory(podLogs.resolve(namespace + "_" + name + "_" + uid));
        this.sandbox = Cri.sandbox(namespace, name, uid, directory);
        this.sandboxId = cri.runSandbox(sandbox);
    }

    String namespace() {
        return namespace;
    }

    String name() {
        return name;
    }

    String uid() {
        return uid;
    }

    Path directory() {
        return directory;
    }

    Message sandbox() {
        return sandbox;
    }

    String sandboxId() {
        return sandboxId;
    }

    /** Takes away its logs, first of all, and then the rest of it. */
    void remove() throws IOException {
        Kubelet.removeTree(directory);
        cri.stopSandbox(sandboxId);
        cri.removeSandbox(sandboxId);
    }
}
