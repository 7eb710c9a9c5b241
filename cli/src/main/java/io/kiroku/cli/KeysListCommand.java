package io.kiroku.cli;

import io.kiroku.agent.AgentKeys;
import io.kiroku.collector.log.LogKeys;
import io.kiroku.collector.store.Position;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.trust.RevokedFile;
import io.kiroku.evidence.chain.Identity;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.log.VerifierKey;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.ShownText;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.wire.Receipts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku keys list}. */
@Command(
        name = "list",
        description =
                "Lists public keys: all that a collector knows and has, with those that are revoked, or an agent's.")
final class KeysListCommand implements Callable<Integer> {
    private static final String BEFORE = "replaced";
    private static final String NOW = "valid";

    @ParentCommand
    private KeysCommand parent;

    @Option(names = "--data", paramLabel = "DIR", description = "a collector's data directory")
    private @Nullable Path data;

    @Option(names = "--state", paramLabel = "DIR", description = "an agent's state directory")
    private @Nullable Path state;

    private final Table table = new Table(Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT);

    /** Who has a stream, as its last word on that says. */
    private record Owner(String node, Lineage lineage) {}

    @Override
    public Integer call() throws IOException, CommandException {
        Path agent = state;
        Path collector = data;
        if ((agent == null) == (collector == null)) {
            throw CommandException.misuse(
                    "name a collector's data with --data DIR, or an agent's state with --state DIR");
        }
        table.row("KEY OF", "STREAM OR LOG", "STATE", "PUBLIC KEY");
        if (agent != null) {
            Identity identity = AgentKeys.read(agent);
            identity.handovers().forEach(one -> identity(identity.stream(), "this agent", one.identity(), BEFORE));
            identity(identity.stream(), "this agent", identity.publicKey(), NOW);
        } else if (collector != null) {
            collector(DataDirectory.require(collector));
        }
        table.lines().forEach(parent.kiroku().terminal().out()::println);
        return 0;
    }

    private void identity(Octets stream, String of, Octets key, String standing) {
        table.row(of, stream.toString(), standing, key.toString());
    }

    private void collector(Path directory) throws IOException {
        Revocations revoked = RevokedFile.read(directory);
        owners(directory).forEach((stream, owner) -> {
            List<Octets> line = owner.lineage().identities();
            for (Octets key : line) {
                boolean isCurrent = key.equals(owner.lineage().current());
                identity(stream, "agent " + ShownText.of(owner.node()), key, standing(revoked, key, isCurrent));
            }
        });
        receipts(directory, revoked);
        Set<VerifierKey> signing = LogKeys.signing(directory);
        for (VerifierKey key : LogKeys.published(directory)) {
            table.row("log", key.name(), standing(revoked, key.publicKey(), signing.contains(key)), key.toString());
        }
        revoked.all()
                .forEach(one ->
                        table.row("revoked", one.since().toString(), ShownText.of(one.reason()), brief(one.key())));
    }

    private void receipts(Path directory, Revocations revoked) throws IOException {
        Path file = directory.resolve("collector.pub");
        if (!Files.exists(file)) {
            return;
        }
        try {
            List<Octets> keys = Receipts.keys(Files.readString(file, StandardCharsets.ISO_8859_1));
            for (Octets key : keys) {
                table.row("receipts", "", standing(revoked, key, key.equals(keys.getFirst())), key.toString());
            }
        } catch (MalformedException damaged) {
            throw new IOException("%s is damaged: %s".formatted(file, damaged.getMessage()));
        }
    }

    private static String brief(Octets key) {
        return key.length() == 32 ? key.toString() : key.brief() + "...";
    }

    private static String standing(Revocations revoked, Octets key, boolean isCurrent) {
        return revoked.of(key).map(one -> "revoked as of " + one.since()).orElse(isCurrent ? NOW : BEFORE);
    }

    private static Map<Octets, Owner> owners(Path directory) throws IOException {
        Map<Octets, Owner> owners = new LinkedHashMap<>();
        try (StoreReader store = StoreReader.open(directory)) {
            store.scan(
                    Position.START,
                    entry -> Entry.Epoch.in(entry.entries())
                            .ifPresent(epoch ->
                                    owners.put(entry.header().stream(), new Owner(epoch.node(), Lineage.of(epoch)))));
        }
        return owners;
    }
}
