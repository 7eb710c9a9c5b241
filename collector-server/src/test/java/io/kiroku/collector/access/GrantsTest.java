package io.kiroku.collector.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrantsTest {
    /** @param grants roles and scope of each, with a space between them */
    private static Grants of(String... grants) {
        List<Grants.Grant> all = new ArrayList<>();
        for (String grant : grants) {
            String[] words = grant.split(" ", 2);
            all.add(new Grants.Grant(Grants.roles(words[0]), Scope.parse(words[1])));
        }
        return new Grants(all);
    }

    @Test
    void everywhereIsEveryNamespaceAndTheNodes() {
        assertThat(of("reader *,@node").readsEverywhere()).isTrue();
        assertThat(of("reader *", "investigator @node").readsEverywhere()).isTrue();
        assertThat(of("reader *").readsEverywhere()).isFalse();
        assertThat(of("reader shop,@node").readsEverywhere()).isFalse();
        assertThat(of("auditor,administrator *,@node").readsEverywhere()).isFalse();
        assertThat(of("reader *", "auditor @node").readsEverywhere()).isFalse();
    }
}
