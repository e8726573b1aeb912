package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;

import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.RemoteWebDriver;

/**
 * A browser without a window, with a profile of its own. It is gone when this JVM is,
 * however that ends.
 */
public final class Browser implements AutoCloseable {

	private static final List<String> PLACES = List.of("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin",
			"/Applications/Chromium.app/Contents/MacOS");

	private static final String CHROMIUM = "chromium";

	/**
	 * Serves as well, where the other is not.
	 */
	private static final String CHROME = "google-chrome";

	private final ServerProcess process;

	private final RemoteWebDriver driver;

	private Browser(ServerProcess process, RemoteWebDriver driver) {
		this.process = process;
		this.driver = driver;
	}

	/**
	 * Starts a browser.
	 * @return one that shows nothing yet
	 */
	public static Browser start() {
		Path directory = Commands.newDirectory(null);
		int port = Commands.freePort();
		// All that the browser keeps goes into the directory, wherever it keeps it.
		ServerProcess process = new ServerProcess(directory, "KILL",
				List.of("env", "HOME=" + directory, "XDG_CONFIG_HOME=" + directory, "XDG_CACHE_HOME=" + directory,
						"TMPDIR=" + directory, program("chromedriver"), "--port=" + port, "--log-level=WARNING"));
		try {
			process.start();
			ServerProcess.await("The browser's driver at port " + port, process, () -> listens(port));
			URL address = URI.create("http://127.0.0.1:" + port).toURL();
			return new Browser(process, new RemoteWebDriver(address, options(directory), false));
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
		catch (RuntimeException ex) {
			process.close();
			throw ex;
		}
	}

	private static boolean listens(int port) {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			return socket.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static ChromeOptions options(Path directory) {
		ChromeOptions options = new ChromeOptions();
		options.setBinary(program((Commands.find(PLACES, CHROMIUM) == null && Commands.find(PLACES, CHROME) != null)
				? CHROME : CHROMIUM));
		// By a pipe, so that the browser ends when its driver does. The sandbox is not to
		// be had by the superuser, nor in most containers.
		options.addArguments("--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
				"--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
				"--disable-component-update", "--disable-sync", "--disable-crash-reporter", "--window-size=1400,1200",
				"--user-data-dir=" + directory.resolve("profile"));
		LoggingPreferences logs = new LoggingPreferences();
		logs.enable(LogType.BROWSER, Level.ALL);
		options.setCapability("goog:loggingPrefs", logs);
		return options;
	}

	private static String program(String name) {
		return Commands.binaries("The browser", PLACES, name).resolve(name).toString();
	}

	/**
	 * Goes to a page, and returns when that is loaded.
	 * @param address of the page
	 */
	public void open(URI address) {
		this.driver.get(address.toString());
	}

	/**
	 * The elements that match.
	 * @param selector of CSS
	 * @return those that are on the page now
	 */
	public List<WebElement> all(String selector) {
		return this.driver.findElements(By.cssSelector(selector));
	}

	/**
	 * Moves the pointer, as a person does.
	 * @param element to the middle of which
	 */
	public void pointAt(WebElement element) {
		new Actions(this.driver).moveToElement(element).perform();
	}

	/**
	 * Runs a script in the page, all at one moment.
	 * @param script the body of a function
	 * @param arguments its arguments
	 * @return what it returns, as text
	 */
	public String run(String script, Object... arguments) {
		return String.valueOf(this.driver.executeScript(script, arguments));
	}

	/**
	 * What pages have complained about since this was last asked: errors of scripts,
	 * missing files, what their policy did not allow.
	 * @return the messages
	 */
	public List<String> complaints() {
		return this.driver.manage()
			.logs()
			.get(LogType.BROWSER)
			.getAll()
			.stream()
			.filter((entry) -> entry.getLevel().intValue() >= Level.WARNING.intValue())
			.map(LogEntry::getMessage)
			.toList();
	}

	/**
	 * The page as it is seen.
	 * @return an image in PNG
	 */
	public byte[] picture() {
		return this.driver.getScreenshotAs(OutputType.BYTES);
	}

	/**
	 * Ends the browser, and deletes what it has kept.
	 */
	@Override
	public void close() {
		try {
			this.driver.quit();
		}
		finally {
			this.process.close();
		}
	}

}
