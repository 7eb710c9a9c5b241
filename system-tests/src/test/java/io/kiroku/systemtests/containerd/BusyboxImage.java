package io.kiroku.systemtests.containerd;

import io.kiroku.systemtests.process.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A container image made by hand: one layer with this machine's static busybox, in the layout of the OCI image format. */
final class BusyboxImage {
    private final Path layout;

    private BusyboxImage(Path layout) {
        this.layout = layout;
    }

    /** What a layout says of a file: the part of a descriptor that is the same for all kinds. */
    private record Blob(String digest, long size) {
        String descriptor(String mediaType) {
            return """
                "mediaType": "%s", "digest": "%s", "size": %d\
                """.formatted(mediaType, digest, size);
        }
    }

    /**
     * Makes the image and imports it.
     *
     * @param name under which containers ask for it
     * @param directory an empty one
     */
    static void importInto(Path socket, String name, Path directory) throws IOException, InterruptedException {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Path archive = directory.resolve("image.tar");
        new BusyboxImage(layout).write(name, directory);
        Shell.bash("tar -C \"$1\" -cf \"$2\" .", layout, archive);
        Shell.bash("ctr --address \"$1\" --namespace k8s.io images import \"$2\"", socket, archive);
    }

    private void write(String name, Path directory) throws IOException, InterruptedException {
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        Blob layer = layer(directory, blobs);
        Blob config = blob(blobs, """
            {"architecture": "%s", "os": "linux",
             "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sleep", "1000000"]},
             "rootfs": {"type": "layers", "diff_ids": ["%s"]}}
            """.formatted(architecture(), layer.digest()));
        Blob manifest = blob(blobs, """
            {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
             "config": {%s},
             "layers": [{%s}]}
            """.formatted(
                        config.descriptor("application/vnd.oci.image.config.v1+json"),
                        layer.descriptor("application/vnd.oci.image.layer.v1.tar")));
        Files.writeString(layout.resolve("oci-layout"), """
            {"imageLayoutVersion": "1.0.0"}
            """);
        Files.writeString(layout.resolve("index.json"), """
            {"schemaVersion": 2,
             "manifests": [{%s, "annotations": {"io.containerd.image.name": "%s"}}]}
            """.formatted(
                        manifest.descriptor("application/vnd.oci.image.manifest.v1+json"), name));
    }

    private static Blob layer(Path directory, Path blobs) throws IOException, InterruptedException {
        Path tar = directory.resolve("layer.tar");
        Shell.bash("""
            mkdir -p "$1"/{bin,etc,tmp,proc,sys,dev,root}
            busybox=$(type -P busybox)
            cp "$busybox" "$1/bin/busybox"
            "$busybox" --list | while read -r applet; do
                [[ $applet == busybox ]] || ln -s busybox "$1/bin/$applet"
            done
            echo 'root:x:0:0:root:/root:/bin/sh' > "$1/etc/passwd"
            tar -C "$1" --owner=0 --group=0 -cf "$2" .
            """, directory.resolve("root"), tar);
        Blob layer = new Blob(digest(Files.readAllBytes(tar)), Files.size(tar));
        Files.move(tar, blobs.resolve(fileName(layer)));
        return layer;
    }

    private static Blob blob(Path blobs, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        Blob blob = new Blob(digest(bytes), bytes.length);
        Files.write(blobs.resolve(fileName(blob)), bytes);
        return blob;
    }

    private static String fileName(Blob blob) {
        return blob.digest().substring("sha256:".length());
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** In Go's words. */
    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }
}
