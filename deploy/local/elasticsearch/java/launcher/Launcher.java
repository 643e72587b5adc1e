package launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Runs one Elasticsearch node in this process: {@code Launcher HOME CONFIG}.
 *
 * <p>HOME holds {@code modules/}; CONFIG holds {@code elasticsearch.yml} and {@code
 * log4j2.properties}. The node stops in order when the process is asked to end.
 */
public final class Launcher {
  private Launcher() {}

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]).toAbsolutePath();
    Path config = Path.of(arguments[1]).toAbsolutePath();
    // Before any class of Elasticsearch makes a logger of its own.
    LogConfigurator.configureESLogging();
    LogConfigurator.registerErrorListener();
    Environment environment = new Environment(settings(home, config), config);
    LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(environment.settings()));
    LogConfigurator.configure(environment, false);
    Node node = new Node(environment, plugins(environment));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node), "stop-node"));
    node.start();
    Thread.currentThread().join();
  }

  private static Settings settings(Path home, Path config) throws IOException {
    return Settings.builder()
        .loadFromPath(config.resolve("elasticsearch.yml"))
        .put(Environment.PATH_HOME_SETTING.getKey(), home.toString())
        .build();
  }

  private static PluginsLoader plugins(Environment environment) {
    return PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(environment.modulesDir(), false),
        PluginsLoader.loadPluginsBundles(environment.pluginsDir(), false),
        Map.of());
  }

  private static void stop(Node node) {
    try (node) {
      node.prepareForClose();
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }
}
